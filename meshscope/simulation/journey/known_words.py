"""What a request may be called: schemes, protocols and names of destinations. A word that nothing knows is refused with its
nearest ones, before a question is answered that was hardly meant.
"""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.envoy.resource import CLUSTER
from meshscope.errors import UsageError
from meshscope.istio.names import parse_cluster
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.network.facts import CLUSTER_DOMAIN
from meshscope.mesh.network.network import Network
from meshscope.mesh.proxy import Proxy
from meshscope.mesh.virtual_hosts import virtual_host_names
from meshscope.simulation.journey.destination import LOCALHOST, Destination
from meshscope.simulation.journey.field_error import FieldError

SCHEMES = ("http", "https", "grpc", "tcp", "tls", "ws", "wss")
PROTOCOLS = ("http1", "http2", "tcp", "grpc", "http", "h2", "http10", "http3")


def check_scheme(dest: Destination | None) -> None:
    """Raises UsageError for a scheme that no mesh routes."""
    if dest is not None and dest.scheme and dest.scheme not in SCHEMES:
        raise UsageError(f"no scheme {dest.scheme!r}{_near(dest.scheme, SCHEMES)}")


def check_protocol(protocol: str) -> None:
    """Raises FieldError for a protocol that is none."""
    if protocol and protocol not in PROTOCOLS:
        raise FieldError("protocol", f"no protocol {protocol!r}{_near(protocol, PROTOCOLS)}")


def check_host(mesh: Mesh, host: str, proxy: Proxy | None) -> None:
    """Of a name that nothing resolves. Raises UsageError where the input should know it: a name of one label, or one in a
    namespace that the input has. Other names may be of hosts outside the mesh.
    """
    name, namespace = _parts(host)
    if not name or name == LOCALHOST or (namespace and namespace not in _namespaces(mesh.network)):
        return
    proxies = (proxy,) if proxy else mesh.proxies
    domains = {domain.lower().partition(":")[0] for each in proxies for domain in _domains(each)}
    hosts = {found for each in proxies for found in _hosts(each)}
    start = f"{name}.{namespace}." if namespace else f"{name}."
    if host.lower() in domains | hosts or any(each.startswith(start) for each in hosts):
        return
    with_namespace = bool(namespace)
    names = _names(mesh.network, with_namespace=with_namespace) | {_short(each, with_namespace) for each in hosts}
    if known := sorted(names - {""} or _plain(domains)):
        raise UsageError(f"no service or host {host!r} in this input{_near(host, known)}")


def _near(word: str, known: tuple[str, ...] | list[str]) -> str:
    from meshscope.nearest import nearest  # only for an unknown word

    return nearest(word, known)


def _parts(host: str) -> tuple[str, str]:
    """Name and namespace of a service's host name, `("", "")` for any other name."""
    bare = host.rstrip(".").lower()
    for suffix in (f".svc.{CLUSTER_DOMAIN}", ".svc"):
        bare = bare.removesuffix(suffix)
    name, _, namespace = bare.partition(".")
    return ("", "") if "." in namespace else (name, namespace)


def _namespaces(network: Network) -> set[str]:
    return {one.namespace for one in network.services} | {pod.namespace for pod in network.pods}


def _names(network: Network, *, with_namespace: bool) -> set[str]:
    services = (one for one in network.services if one.name)
    return {f"{one.name}.{one.namespace}" if with_namespace else one.name for one in services}


def _domains(proxy: Proxy) -> Iterator[str]:
    for table in proxy.route_tables():
        for host in virtual_host_names(table):
            yield from host.domains


def _hosts(proxy: Proxy) -> Iterator[str]:
    """Of the services that the proxy has clusters for: a route table has only those of HTTP."""
    names = (parse_cluster(resource.name) for resource in proxy.resources(CLUSTER))
    return (name.host.lower() for name in names if name is not None and name.direction == "outbound")


def _short(host: str, with_namespace: bool) -> str:  # as of `_names`
    """Of a Kubernetes service, `name` or `name.namespace`; "" for any other host."""
    name, namespace = _parts(host)
    return "" if not namespace else f"{name}.{namespace}" if with_namespace else name


def _plain(domains: set[str]) -> set[str]:
    """Without patterns and addresses."""
    return {name for name in domains if name and "*" not in name and not name.replace(".", "").isdigit()}
