"""A small mesh in ambient mode: a client and a server that ztunnel captures, a waypoint `edge` in the server's namespace."""

from __future__ import annotations

from typing import Any

from meshscope.mesh.mesh import Mesh

from .meshes import bootstrap, captured, clusters, dump, listeners, manifest, mesh_of, static

GATEWAY_API = "gateway.networking.k8s.io"
NAME = f"{GATEWAY_API}/gateway-name"
VIP, CLIENT, SERVER, WAYPOINT = "10.9.0.1", "10.8.0.1", "10.8.0.2", "10.8.0.3"
MANAGER = "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
RBAC = "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC"
ROUTER = "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"
CHAIN = "inbound-vip|80|http|store.back.svc.cluster.local"


def pod(name: str, namespace: str, ip: str, image: str = "app", **metadata: Any) -> dict[str, Any]:
    spec = {"serviceAccountName": name, "containers": [{"name": "app", "image": image}]}
    return manifest("Pod", name, namespace=namespace, metadata=metadata, spec=spec, status={"podIP": ip})


def namespace(name: str, **labels: str) -> dict[str, Any]:
    return manifest("Namespace", name, namespace="", metadata={"labels": labels})


def service(name: str = "store", ip: str = VIP, status: Any = None, **labels: str) -> dict[str, Any]:
    spec = {"clusterIP": ip, "selector": {"app": name}, "ports": [{"name": "http", "port": 80, "targetPort": 8080}]}
    return manifest("Service", name, namespace="back", metadata={"labels": labels}, spec=spec, status=status or {})


def gateway(
    name: str = "edge", where: str = "back", allowed: Any = None, klass: str = "istio-waypoint", **labels: str
) -> Any:
    listener = {"name": "mesh", "port": 15008, "protocol": "HBONE", "allowedRoutes": {"namespaces": allowed or {}}}
    spec = {"gatewayClassName": klass, "listeners": [listener]}
    return manifest("Gateway", name, GATEWAY_API, where, metadata={"labels": labels}, spec=spec)


def waypoint(principal: str = "", name: str = "edge", listener: str = "main_internal") -> Any:
    """Its Envoy denies `/no`, and everything of a principal; everything else goes to the server's pod."""
    policy: dict[str, Any] = {"permissions": [{"url_path": {"path": {"prefix": "/no"}}}], "principals": [{"any": True}]}
    who = {"filter_state": {"key": "io.istio.peer_principal", "string_match": {"exact": principal}}}
    policies = {"path": policy, **({"who": {"permissions": [{"any": True}], "principals": [who]}} if principal else {})}
    rules = {"@type": RBAC, "rules": {"action": "DENY", "policies": policies}}
    route = {"match": {"prefix": "/"}, "route": {"cluster": CHAIN}}
    manager = {
        "@type": MANAGER,
        "stat_prefix": "s",
        "route_config": {"name": CHAIN, "virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [route]}]},
        "http_filters": [
            {"name": "rbac", "typed_config": rules},
            {"name": "router", "typed_config": {"@type": ROUTER}},
        ],
    }
    chain = {"name": CHAIN, "filters": [{"name": "http", "typed_config": manager}]}
    inner = {"name": listener, "internal_listener": {}, "filter_chains": [chain]}
    node = bootstrap("edge-0.back", WAYPOINT, "waypoint")
    node["bootstrap"]["node"]["metadata"] = {"NAMESPACE": "back", "SERVICE_ACCOUNT": "edge", "LABELS": {NAME: name}}
    return dump(node, clusters(static(CHAIN, f"{SERVER}:8080")), listeners(inner))


SERVER_POD = pod("store", "back", SERVER, labels={"app": "store"})
CLIENT_POD = pod("till", "front", CLIENT, labels={"app": "till"})
AMBIENT = {"istio.io/dataplane-mode": "ambient"}
USES = {"istio.io/use-waypoint": "edge"}
FRONT, BACK = namespace("front", **AMBIENT), namespace("back", **AMBIENT, **USES)


def ambient_mesh(*objects: Any, proxy: Any = None, ztunnel: Any = None) -> Mesh:
    """The two pods with some objects; `ztunnel` is a dump's content."""
    documents = [captured(f"{index}.json", value) for index, value in enumerate((CLIENT_POD, SERVER_POD, *objects))]
    documents += [captured("ztunnel.json", ztunnel)] if ztunnel else []
    return mesh_of(*documents, *([proxy] if proxy else []))


def ztunnel(*, protocol: str = "HBONE", waypoint: str = "", **service: Any) -> dict[str, Any]:
    """A dump of the two workloads and the service; its policies deny the server everything, one of them in a dry run."""
    workloads = [
        {"uid": f"k//Pod/{where}/{name}", "name": name, "namespace": where, "workloadIps": [ip], "protocol": protocol,
         "serviceAccount": name, "trustDomain": "corp", "authorizationPolicies": ["back/no", "back/trial"]}
        for name, where, ip in (("till", "front", CLIENT), ("store", "back", SERVER))
    ]  # fmt: skip
    through = {"waypoint": {"destination": waypoint, "hboneMtlsPort": 15008}} if waypoint else {}
    endpoints = {"k//Pod/back/store": {"workloadUid": "k//Pod/back/store", "port": {"80": 8080}, "status": "Healthy"}}
    store = {"name": "store", "namespace": "back", "hostname": "store.back.svc.cluster.local", "vips": [f"n/{VIP}"]}
    policies = [
        {"name": "no", "namespace": "back", "scope": "WorkloadSelector", "action": "Deny", "rules": [[[]]]},
        {"name": "trial", "namespace": "back", "scope": "WorkloadSelector", "action": "Deny", "dryRun": True},
        {"name": "wide", "namespace": "istio-system", "scope": "Global", "action": "Deny", "rules": []},
        {"name": "front", "namespace": "front", "scope": "Namespace", "action": "Allow", "rules": []},
    ]
    services = [{**store, "ports": {"80": 8080}, "endpoints": endpoints, **through, **service}]
    return {"workloads": workloads, "services": services, "policies": policies, "certificates": []}
