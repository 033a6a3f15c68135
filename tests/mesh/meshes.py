"""Meshes for these tests: recorded ones, and small ones written on the spot."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from meshscope.location import Document
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.proxy import Proxy
from meshscope.snapshot.reading import open_snapshot
from meshscope.snapshot.snapshot import Captured, ProxyId, Snapshot

RECORDINGS = Path(__file__).parents[2] / "recordings"
WEBSITE, PILOT = "website", "bookinfo-v2"
GATEWAY, NGINX = "istio-ingressgateway-bc70f77432-0efe7.istio-system", "nginx-pod-b3945f6866-694f3.default"
ADMIN = "type.googleapis.com/envoy.admin.v3."
NETWORK = "type.googleapis.com/envoy.extensions.filters.network"
TLS = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3."


@cache
def recorded(name: str, view: str = "") -> Mesh:
    return Mesh(open_snapshot(str(RECORDINGS / name)), view=view)


@cache
def unlabelled(name: str) -> Mesh:
    """The same without the kinds that its manifest names: the content has to tell them."""
    snapshot = open_snapshot(str(RECORDINGS / name))
    return Mesh(replace(snapshot, captured=tuple(replace(each, kind="") for each in snapshot.captured)))


def captured(name: str, value: object, **fields: Any) -> Captured:
    """A document: text as it is, anything else as JSON."""
    text = value if isinstance(value, str) else json.dumps(value)
    return Captured(Document.of(name, text.encode()), **fields)


def mesh_of(*documents: Captured, view: str = "") -> Mesh:
    return Mesh(Snapshot(documents), view=view)


def proxy_of(*documents: Captured, view: str = "") -> Proxy:
    (only,) = mesh_of(*documents, view=view).proxies
    return only


def owner(name: str, namespace: str = "default") -> ProxyId:
    return ProxyId("", namespace, name)


def bootstrap(pod: str = "pod-1.default", ip: str = "10.77.0.1", kind: str = "sidecar") -> dict[str, Any]:
    node = {
        "id": f"{kind}~{ip}~{pod}~{pod.rpartition('.')[2]}.svc.cluster.local",
        "cluster": "c",
        "metadata": {"LABELS": {"app": "web"}},
    }
    return {"@type": ADMIN + "BootstrapConfigDump", "bootstrap": {"node": node}}


def section(kind: str, array: str, body: str, *bodies: dict[str, Any]) -> dict[str, Any]:
    return {"@type": f"{ADMIN}{kind}ConfigDump", array: [{body: each} for each in bodies]}


def clusters(*bodies: dict[str, Any]) -> dict[str, Any]:
    return section("Clusters", "dynamic_active_clusters", "cluster", *bodies)


def routes(*bodies: dict[str, Any]) -> dict[str, Any]:
    return section("Routes", "dynamic_route_configs", "route_config", *bodies)


def endpoints(*bodies: dict[str, Any]) -> dict[str, Any]:
    return section("Endpoints", "dynamic_endpoint_configs", "endpoint_config", *bodies)


def secrets(*bodies: dict[str, Any]) -> dict[str, Any]:
    return section("Secrets", "dynamic_active_secrets", "secret", *bodies)


def listeners(*bodies: dict[str, Any]) -> dict[str, Any]:
    entries = [{"name": each["name"], "active_state": {"listener": each}} for each in bodies]
    return {"@type": ADMIN + "ListenersConfigDump", "dynamic_listeners": entries}


def refused_update(*names_and_why: str) -> dict[str, Any]:
    """Listeners in use of which an update was refused, all for the last word."""
    *names, why = names_and_why
    entries = [
        {
            "name": name,
            "active_state": {"listener": tcp_listener(name, "c")},
            "error_state": {"failed_configuration": tcp_listener(name, "d"), "details": why},
        }
        for name in names
    ]
    return {"@type": ADMIN + "ListenersConfigDump", "dynamic_listeners": entries}


def dump(*sections: dict[str, Any], name: str = "dump.json", **fields: Any) -> Captured:
    return captured(name, {"configs": list(sections)}, **fields)


def manifest(kind: str, name: str, group: str = "", namespace: str = "shop", **fields: Any) -> dict[str, Any]:
    """A Kubernetes object; `metadata` adds to its own."""
    own = {"name": name, "namespace": namespace} if namespace else {"name": name}
    metadata = {**own, **fields.pop("metadata", {})}
    return {"apiVersion": f"{group}/v1" if group else "v1", "kind": kind, "metadata": metadata, **fields}


def assignment(name: str, *addresses: str) -> dict[str, Any]:
    return {"cluster_name": name, "endpoints": [{"lb_endpoints": [{"endpoint": at(each)} for each in addresses]}]}


def at(address: str) -> dict[str, Any]:
    host, _, port = address.rpartition(":")
    return {"address": {"socket_address": {"address": host, "port_value": int(port)}}}


def eds(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": "EDS", **more}


def static(name: str, *addresses: str) -> dict[str, Any]:
    return {"name": name, "type": "STATIC", "load_assignment": assignment(name, *addresses)}


def table(name: str, **action: Any) -> dict[str, Any]:
    route = {"match": {"prefix": "/"}, "route": action}
    return {"name": name, "virtual_hosts": [{"name": "vh", "domains": ["a.example"], "routes": [route]}]}


def http_listener(name: str, route_config: str) -> dict[str, Any]:
    typed = {"@type": f"{NETWORK}.http_connection_manager.v3.HttpConnectionManager"}
    return listener(name, {**typed, "rds": {"route_config_name": route_config}})


def tcp_listener(name: str, cluster: str, /, **chain: Any) -> dict[str, Any]:
    return listener(name, {"@type": f"{NETWORK}.tcp_proxy.v3.TcpProxy", "cluster": cluster}, **chain)


def listener(name: str, config: dict[str, Any], /, **chain: Any) -> dict[str, Any]:
    filters = [{"name": "f", "typed_config": config}]
    return {"name": name, **at("0.0.0.0:80"), "filter_chains": [{"filters": filters, **chain}]}


def tls_socket(*names: str, side: str = "Downstream") -> dict[str, Any]:
    asked = [{"name": name, "sds_config": {"ads": {}}} for name in names]
    context = {"common_tls_context": {"tls_certificate_sds_secret_configs": asked}}
    return {"name": "tls", "typed_config": {"@type": f"{TLS}{side}TlsContext", **context}}
