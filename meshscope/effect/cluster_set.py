"""Hosts of services of several clusters: `NAME.NAMESPACE.svc.clusterset.local` beside the cluster's own.

istiod has them with its flag ENABLE_MCS_HOST, for each ServiceImport: the Service with another host and the import's addresses.
https://github.com/istio/istio/blob/master/pilot/pkg/serviceregistry/kube/controller/serviceimportcache.go
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from meshscope.effect.istiod_flags import MULTI_CLUSTER_HOSTS, is_on
from meshscope.effect.services import KUBERNETES, MeshService, Port
from meshscope.envoy.resource import CLUSTER
from meshscope.istio.gateway_api.service_import import GROUP, ServiceImport
from meshscope.istio.kubernetes import decode
from meshscope.istio.names import parse_cluster
from meshscope.istio.protocol import protocol_of
from meshscope.snapshot.snapshot import Problem

if TYPE_CHECKING:
    from meshscope.istio.manifest import Object
    from meshscope.mesh.mesh import Mesh

KIND = "ServiceImport"
_SUFFIX = ".svc.clusterset.local"


def cluster_set_host(name: str, namespace: str) -> str:
    return f"{name}.{namespace}{_SUFFIX}"


def is_there(mesh: Mesh, host: str) -> bool:
    """Whether the control plane has a host of the cluster set: its flag decides, and where that is not known, the proxies."""
    is_flagged = is_on(mesh, MULTI_CLUSTER_HOSTS)
    return host in seen(mesh) if is_flagged is None else is_flagged


def seen(mesh: Mesh) -> frozenset[str]:
    """Those for which some proxy has a cluster."""
    return mesh.derived("hosts of the cluster set", lambda: frozenset(_seen(mesh)))


def _seen(mesh: Mesh) -> Iterator[str]:
    for proxy in mesh.proxies:
        for resource in proxy.resources(CLUSTER):
            name = parse_cluster(resource.name) if _SUFFIX in resource.name else None
            if name and name.host.endswith(_SUFFIX):
                yield name.host


def unknown_service(mesh: Mesh, host: str) -> str:
    """Why nothing can be said of a host that no service of the input has: a proxy has a cluster for it; else ""."""
    if not host.endswith(_SUFFIX) or host not in seen(mesh):
        return ""
    return f"{host} is a host of the cluster set, and its ServiceImport is not in this input"


def imported(mesh: Mesh, known: Iterable[MeshService]) -> Iterator[MeshService]:
    """The services of the ServiceImports. `known` are the cluster's own; where it has none of that name, the import's ports are
    those of the service, if a proxy has a cluster for it.
    """
    items = mesh.objects_of(KIND, GROUP)
    own = {(one.namespace, one.name): one for one in known if one.registry == KUBERNETES} if items else {}
    for item in items:
        namespace = item.namespace or "default"
        host = cluster_set_host(item.name, namespace)
        value = decode(item, ServiceImport)
        if isinstance(value, Problem) or not is_there(mesh, host):
            continue
        service = own.get((namespace, item.name)) or (_of_import(item, value) if host in seen(mesh) else None)
        if service is not None:
            yield replace(service, host=host, addresses=value.spec.ips, kind=KIND, location=item.location)


def _of_import(item: Object, value: ServiceImport) -> MeshService:
    ports = (
        Port(one.port, one.name, protocol_of(one.port, one.name, one.app_protocol, one.protocol))
        for one in value.spec.ports
    )
    return MeshService(
        host="",
        name=item.name,
        namespace=item.namespace or "default",
        registry=KUBERNETES,
        ports=tuple(ports),
        resolution="ClientSide" if value.spec.type != "Headless" else "Passthrough",
        created=item.created_at,
    )
