"""Gateway: each server against the listeners, filter chains and route configurations of the gateways that it selects.

https://istio.io/latest/docs/reference/config/networking/gateway/
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from meshscope.effect.answer import Difference, Made, State
from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.gateway_conflicts import conflict_of
from meshscope.effect.gateway_ports import opened_ports
from meshscope.effect.gateway_selection import why_not_selected
from meshscope.effect.gateway_tls import differences_of_tls
from meshscope.effect.generated import Generated
from meshscope.effect.made import FILTER_CHAIN, chain_name
from meshscope.effect.outcome import Outcome
from meshscope.effect.written import Written
from meshscope.envoy.resource import LISTENER, ROUTES, Resource
from meshscope.istio.hosts import is_within
from meshscope.istio.objects.gateway import Gateway, Server
from meshscope.mesh.virtual_hosts import virtual_hosts
from meshscope.path import Path
from meshscope.xds.listener import Listener, chain_path
from meshscope.xds.message import Undecodable
from meshscope.xds.route import VirtualHost

_HTTP = ("HTTP", "HTTP2", "GRPC", "GRPC-WEB")
_ENCRYPTED = ("HTTPS", "TLS")
_NOT_TERMINATED = ("PASSTHROUGH", "AUTO_PASSTHROUGH")
_ALL = "0.0.0.0"  # noqa: S104  # the name of a listener; nothing is bound


class _Server(Struct, frozen=True):
    path: Path
    server: Server
    gateway: Written[Gateway]

    @property
    def protocol(self) -> str:
        return self.server.port.protocol.upper()

    @property
    def terminates(self) -> bool:
        tls = self.server.tls
        return self.protocol in _ENCRYPTED and tls is not None and tls.mode not in _NOT_TERMINATED

    @property
    def hosts(self) -> frozenset[str]:
        """Without the namespaces in front. One that is `*` stands for all."""
        bare = frozenset(host.rpartition("/")[2] for host in self.server.hosts)
        return frozenset() if "*" in bare else bare

    @property
    def is_generated(self) -> bool:
        """Whether it is a listener of the Gateway API."""
        return isinstance(self.gateway, Generated)


def rules(value: Gateway) -> Iterator[Path]:
    yield from (("spec", "servers", index) for index in range(len(value.spec.servers)))


def outcomes(configuration: Configuration, one: Written[Gateway], client: Client) -> Iterator[Outcome]:
    is_gateway = client.kind == "gateway"
    because = why_not_selected(configuration, client, one) if is_gateway else "a Gateway is for gateways alone"
    for path, server in zip(rules(one.value), one.value.spec.servers, strict=True):
        if because:
            yield Outcome(path, State.NOT_IN_EFFECT, because, is_meant=False)
        else:
            for outcome in _of_server(configuration, _Server(path, server, one), client):
                is_well = outcome.state in (State.IN_EFFECT, State.UNKNOWN)
                taken = "" if is_well else conflict_of(configuration, client, one, server)
                yield replace(outcome, state=State.NOT_IN_EFFECT, because=taken, differences=()) if taken else outcome


def _of_server(configuration: Configuration, one: _Server, client: Client) -> Iterator[Outcome]:
    number = one.server.port.number
    ports = opened_ports(configuration, client, one.gateway, number)
    if not ports:
        because = f"no Service of the Gateway has port {number}, so that nothing listens"
        yield Outcome(one.path, State.NOT_IN_EFFECT, because)
    for port in ports:
        yield _at_port(one, client, port, port if configuration.is_since(1, 11) else number)


def _at_port(one: _Server, client: Client, port: int, named: int) -> Outcome:
    """`named` is the port in the name of the route configuration."""
    name = f"{one.server.bind or _ALL}_{port}"
    words = f"listener {name} with {', '.join(sorted(one.hosts)) or 'any host'}"
    resource = client.proxy.resource(LISTENER, name)
    if resource is None and not client.proxy.account.knows_all(LISTENER):
        return Outcome(one.path, State.UNKNOWN, "not all listeners of the proxy were captured", expected=words)
    if resource is None:
        because = f"the proxy has no listener {name}: {_why_absent(one)}"
        return Outcome(one.path, State.NOT_IN_EFFECT, because, expected=words, kind=LISTENER, name=name)
    listener = client.proxy.read(resource, Listener)
    if isinstance(listener, Undecodable):
        return Outcome(one.path, State.UNKNOWN, f"listener {name} does not read: {listener.why}", expected=words)
    return _at(one, client, resource, listener, named, words)


def _at(  # noqa: PLR0913, PLR0917  # a question and its place
    one: _Server, client: Client, resource: Resource, listener: Listener, port: int, words: str
) -> Outcome:
    if one.protocol in _HTTP:
        return _plain(one, client, resource, listener, port, words)
    if one.terminates:
        return _encrypted(one, resource, listener, words)
    return _passed_on(one, resource, listener, words)


def _why_absent(one: _Server) -> str:
    if one.protocol in _HTTP or one.terminates:
        return "another server has the port, or the pod's Service does not lead to it"
    kind = "tls" if one.protocol in _ENCRYPTED else "tcp"
    if one.is_generated:
        return f"no {kind.upper()}Route is attached to the listener, or another one has the port"
    return f"no VirtualService with {kind} rules is bound to the server, or another server has the port"


def _plain(  # noqa: PLR0913, PLR0917  # a question and its place
    one: _Server, client: Client, resource: Resource, listener: Listener, port: int, words: str
) -> Outcome:
    """HTTP: the hosts are in the route configuration of the port, those of a redirect with `require_tls`."""
    bind = f".{one.server.bind}" if one.server.bind else ""
    name = f"http.{port}{bind}"
    table = client.tables.get(name)
    if table is None and not client.proxy.account.knows_all(ROUTES):
        return Outcome(
            one.path, State.UNKNOWN, "not all route configurations of the proxy were captured", expected=words
        )
    if table is None:
        because = f"the proxy has no route configuration {name}"
        return Outcome(one.path, State.NOT_IN_EFFECT, because, expected=words, kind=ROUTES, name=name)
    hosts = [host for host in virtual_hosts(table) if isinstance(host, VirtualHost)]
    differences = (*_of_protocol(resource, listener, speaks_http=True), *_of_redirect(one, hosts))
    unserved = _unserved(one, {domain.partition(":")[0] for host in hosts for domain in host.domains})
    state = State.PARTLY if differences or unserved else State.IN_EFFECT
    reasons = [*map(str, differences), unserved] if unserved else list(map(str, differences))
    because = "; ".join(reasons) or f"listener {resource.name}, route configuration {name}"
    return Outcome(
        one.path,
        state,
        because,
        expected=words,
        differences=differences,
        made=table.location,
        kind=ROUTES,
        name=name,
        more=tuple(_whole_listener(resource, listener)),
    )


def _whole_listener(resource: Resource, listener: Listener) -> Iterator[Made]:
    """The listener of plain HTTP, which has one filter chain for all servers."""
    yield Made(LISTENER, resource.name, resource.location)
    for index, _ in listener.chains():
        place = resource.location.below(chain_path(index))
        yield Made(FILTER_CHAIN, chain_name(resource.name, index), place)


def _of_protocol(resource: Resource, listener: Listener, *, speaks_http: bool) -> Iterator[Difference]:
    """A listener whose chains all speak the other protocol."""
    has = [chain.http is not None for _, chain in listener.chains()]
    if speaks_http not in has:
        words = ("TCP", "HTTP")
        yield Difference(f"listener {resource.name}", words[speaks_http], words[not speaks_http])


def _unserved(one: _Server, domains: set[str]) -> str:
    """Hosts of the server that nothing serves. A domain that is `*` is the answer to all others: 404."""
    served = domains - {"*"}
    missing = sorted(host for host in one.hosts if not any(is_within(domain, host) for domain in served))
    if not missing:
        return ""
    return f"no {'route' if one.is_generated else 'VirtualService'} serves {', '.join(missing)} here"


def _of_redirect(one: _Server, hosts: list[VirtualHost]) -> Iterator[Difference]:
    redirects = one.server.tls is not None and one.server.tls.https_redirect
    for host in hosts:
        if one.hosts & set(host.domains) and redirects != (host.require_tls == "ALL"):
            wanted = "ALL" if redirects else "NONE"
            yield Difference(f"virtual host {host.name} require_tls", wanted, host.require_tls)


def _encrypted(one: _Server, resource: Resource, listener: Listener, words: str) -> Outcome:
    """TLS that ends here: a filter chain of the hosts, with the server's certificates."""
    chains = [(index, chain) for index, chain in listener.chains() if chain.transport_socket is not None]
    fitting = (
        (index, list(differences_of_tls(one.server, one.gateway, chain)))
        for index, chain in chains
        if set(chain.filter_chain_match.server_names) == one.hosts
    )
    found = min(fitting, key=lambda one: len(one[1]), default=None)
    if found is None:
        near = next((c for _, c in chains if set(c.filter_chain_match.server_names) & one.hosts), None)
        if near is None:
            because = f"listener {resource.name} has no filter chain for {', '.join(sorted(one.hosts)) or 'all hosts'}"
            because += ": an older Gateway may have one of its hosts on this port"
            return Outcome(one.path, State.NOT_IN_EFFECT, because, expected=words, kind=LISTENER, name=resource.name)
        names = ", ".join(sorted(near.filter_chain_match.server_names))
        differences = [Difference("filter_chain_match.server_names", ", ".join(sorted(one.hosts)), names)]
    else:
        differences = found[1]
    index = found[0] if found else 0
    here = f"filter chain {'default' if index is None else index} of listener {resource.name}"
    return Outcome(
        one.path,
        State.PARTLY if differences else State.IN_EFFECT,
        "; ".join(map(str, differences)) or here,
        expected=words,
        differences=tuple(differences),
        made=resource.location.below(chain_path(index)),
        kind=LISTENER,
        name=resource.name,
    )


def _passed_on(one: _Server, resource: Resource, listener: Listener, words: str) -> Outcome:
    """TLS that is passed through, and TCP: their chains are made of the rules of VirtualServices."""
    differences = tuple(_of_protocol(resource, listener, speaks_http=False))
    names = {name for _, chain in listener.chains() for name in chain.filter_chain_match.server_names}
    unserved = _unserved(one, names) if one.protocol in _ENCRYPTED else ""
    if unserved and not any(is_within(name, host) for name in names for host in one.hosts):
        return Outcome(one.path, State.NOT_IN_EFFECT, unserved, expected=words, kind=LISTENER, name=resource.name)
    state = State.PARTLY if differences or unserved else State.IN_EFFECT
    because = "; ".join(filter(None, (*map(str, differences), unserved))) or f"listener {resource.name}"
    return Outcome(
        one.path,
        state,
        because,
        expected=words,
        differences=differences,
        made=resource.location,
        kind=LISTENER,
        name=resource.name,
    )
