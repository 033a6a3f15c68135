"""A name -> its addresses, as the client's resolver would find them. The first source that knows the name counts.

Sources in order: service addresses of the manifests or of istiod's registry; the DNS table of the proxy's agent; addresses of
ServiceEntries; addresses among the domains of a virtual host for that port.
A name that none of them has stays unknown, and the request goes on to the wildcard listener of its port.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from meshscope.mesh.network.facts import CLUSTER_DOMAIN, SERVICE_ENTRY, ServiceHost
from meshscope.mesh.network.network import Network
from meshscope.mesh.proxy import Proxy
from meshscope.mesh.virtual_hosts import virtual_host_names
from meshscope.simulation.hints import DESTINATION
from meshscope.simulation.journey.destination import LOCALHOST, LOOPBACK, is_ip, split_address
from meshscope.simulation.trace import Step, StepKind
from meshscope.simulation.verdict import Truth


class Resolved(Struct, frozen=True):
    """`ips` are all addresses of the name, of which a request takes one; () where unknown. `service` None: it is no service."""

    ips: tuple[str, ...]
    step: Step
    service: ServiceHost | None = None


def service_of(network: Network, name: str, namespace: str) -> ServiceHost | None:
    """The service that a name means for a client in a namespace: Kubernetes' search domains in their order."""
    suffixes = (f".{namespace}.svc.{CLUSTER_DOMAIN}", f".svc.{CLUSTER_DOMAIN}", f".{CLUSTER_DOMAIN}", "")
    bare = name.rstrip(".").lower()
    hosts = (bare + suffix for suffix in ((*suffixes[:3], "") if bare.count(".") < 5 else ("", *suffixes[:3])))
    return next((found for host in hosts if (found := network.service_named(host))), None)


def resolve(network: Network, name: str, namespace: str, port: int, proxy: Proxy | None) -> Resolved:
    """The addresses of a host name; an IP is its own address."""
    if is_ip(name):
        return Resolved((name,), Step(kind=StepKind.DNS, chosen=name, because="an address"), network.service_at(name))
    if name.rstrip(".").lower() == LOCALHOST:
        return Resolved(
            (LOOPBACK,), Step(kind=StepKind.DNS, chosen=f"{name} → {LOOPBACK}", because="the client itself")
        )
    service = service_of(network, name, namespace)
    if service and service.external_name:
        target = resolve(network, service.external_name, namespace, port, proxy)
        because = f"{service.host} is an alias of {service.external_name}"
        return Resolved(target.ips, _step(name, target.ips, because, service), target.service or service)
    if found := next(_answers(network, name, port, proxy, service), None):
        return found
    because = f"the address of {name} is not in this input"
    return Resolved(
        (), Step(kind=StepKind.DNS, chosen=name, verdict=Truth.UNKNOWN, because=because, hint=DESTINATION), service
    )


def _answers(
    network: Network, name: str, port: int, proxy: Proxy | None, service: ServiceHost | None
) -> Iterator[Resolved]:
    """The answers of the sources, in their order."""
    if service and service.source != SERVICE_ENTRY:
        yield from _of_service(name, service)
    if proxy:
        yield from _of_agent(network, name, proxy, service)
    if service:
        yield from _of_service(name, service)
    if service and service.headless:
        yield _headless(network, name, service, port)
    if proxy and (ip := _of_virtual_host(proxy, name, port)):
        because = f"{name} and {ip} are domains of one virtual host"
        yield Resolved((ip,), Step(kind=StepKind.DNS, chosen=ip, because=because), service)


def _of_service(name: str, service: ServiceHost) -> Iterator[Resolved]:
    if ips := tuple(ip for ip in service.addresses if is_ip(ip))[:1]:
        yield Resolved(ips, _step(name, ips, f"{service.source} service {service.host}", service), service)


def _of_agent(network: Network, name: str, proxy: Proxy, service: ServiceHost | None) -> Iterator[Resolved]:
    """The answer of the agent beside the application: addresses of the first one's family."""
    if proxy.name_table and (found := proxy.name_table.resolve(name)):
        ips = tuple(ip for ip in found.ips if (":" in ip) == (":" in found.ips[0]))
        because = f"{found.host} in the DNS table of {proxy.name}"
        step = Step(kind=StepKind.DNS, chosen=_chosen(name, ips), because=because, location=found.location)
        yield Resolved(ips, step, service or network.service_at(ips[0]))


def _headless(network: Network, name: str, service: ServiceHost, port: int) -> Resolved:
    fact = service.port(port) or (service.ports[0] if service.ports else None)
    backends = network.backends(service, fact) if fact else None
    ips = tuple(dict.fromkeys(backend.ip for backend in backends or ()))
    if ips:
        return Resolved(ips, _step(name, ips, f"headless service {service.host}: its pods", service), service)
    because = (
        f"headless service {service.host} has no ready pod"
        if backends is not None
        else f"the pods of {name} are not in this input"
    )
    return Resolved((), Step(kind=StepKind.DNS, chosen=name, verdict=Truth.UNKNOWN, because=because), service)


def _step(name: str, ips: tuple[str, ...], because: str, service: ServiceHost) -> Step:
    return Step(kind=StepKind.DNS, chosen=_chosen(name, ips), because=because, location=service.location)


def _chosen(name: str, ips: tuple[str, ...]) -> str:
    return f"{name} → {', '.join(ips[:3])}{' …' if len(ips) > 3 else ''}"


def _of_virtual_host(proxy: Proxy, name: str, port: int) -> str:
    """The address among the domains of the virtual host that has the name, for that port."""
    wanted = {name.lower(), f"{name.lower()}:{port}"}
    for table in proxy.route_tables():
        if table.name.rpartition(":")[2] != str(port):
            continue
        for host in virtual_host_names(table):
            if not wanted.isdisjoint(map(str.lower, host.domains)):
                split = (split_address(domain) for domain in host.domains)
                return next((found[0] for found in split if found), "")
    return ""
