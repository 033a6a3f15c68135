"""`tls` and `tcp` rules against the filter chains of one listener.

https://istio.io/latest/docs/reference/config/networking/virtual-service/#TLSRoute and #TCPRoute
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from meshscope.effect.answer import Difference, State
from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.destinations import cluster_of
from meshscope.effect.l4_routes.places import L4Place
from meshscope.effect.outcome import Outcome
from meshscope.effect.static_conditions import not_here
from meshscope.envoy.resource import LISTENER, Resource
from meshscope.istio.objects.virtual_service import (
    L4MatchAttributes,
    RouteDestination,
    TCPRoute,
    TLSMatchAttributes,
    TLSRoute,
)
from meshscope.path import Path
from meshscope.xds.filter_chain import FilterChain
from meshscope.xds.listener import Listener, chain_path
from meshscope.xds.message import Undecodable
from meshscope.xds.tcp_proxy import TcpProxy


class WantedChain(Struct, frozen=True):
    """`names` are the server names that a chain matches; of TCP there are none."""

    path: Path
    names: tuple[str, ...]
    clusters: str

    def __str__(self) -> str:
        return f"{'SNI ' + ', '.join(self.names) if self.names else 'TCP'} → {self.clusters}"


def l4_outcomes_at(  # noqa: PLR0913, PLR0917  # a question and its place
    configuration: Configuration,
    client: Client,
    place: L4Place,
    rules: Sequence[TLSRoute | TCPRoute],
    kind: str,
    namespace: str,
) -> Iterator[Outcome]:
    """One for each match. A `tcp` rule that takes every connection ends the list."""
    found = tuple(chains_at(configuration, client, place, rules, kind, namespace))
    yield from (one for one in found if isinstance(one, Outcome))
    yield from _compared(client, place, [one for one in found if isinstance(one, WantedChain)])


def chains_at(  # noqa: PLR0913, PLR0917  # as above
    configuration: Configuration,
    client: Client,
    place: L4Place,
    rules: Sequence[TLSRoute | TCPRoute],
    kind: str,
    namespace: str,
) -> Iterator[WantedChain | Outcome]:
    """The filter chain of each match, or why there is none."""
    ended_by = ""
    for index, rule in enumerate(rules):
        clusters = _clusters(configuration, place, rule.route, namespace)
        matches: Sequence[TLSMatchAttributes | L4MatchAttributes | None] = rule.match or (None,)
        for number, asked in enumerate(matches):
            path: Path = ("spec", kind, index, "match", number) if len(matches) > 1 else ("spec", kind, index)
            because = not_here(asked, client, place.port, place.gateway, namespace) if asked else ""
            if because:
                yield Outcome(path, State.NOT_IN_EFFECT, because, is_meant=False)
            elif ended_by:
                because = f"{ended_by} before it takes every connection"
                yield Outcome(path, State.NOT_IN_EFFECT, because, is_local=True)
            else:
                names = asked.sni_hosts if isinstance(asked, TLSMatchAttributes) else ()
                yield WantedChain(path, names, clusters)
                if isinstance(rule, TCPRoute) and not (asked and asked.destination_subnets):
                    ended_by = f"{kind}[{index}]"


def _clusters(configuration: Configuration, place: L4Place, route: Sequence[RouteDestination], namespace: str) -> str:
    named = [
        (cluster_of(configuration, place.port, namespace, one.destination, takes_only=True), one.weight or 0)
        for one in route
    ]
    if len(named) == 1:
        return named[0][0]
    return ", ".join(f"{name} {weight}" for name, weight in named if weight)


def _compared(client: Client, place: L4Place, wanted: Sequence[WantedChain]) -> Iterator[Outcome]:
    if not wanted:
        return
    resource = next((found for name in place.listeners if (found := client.proxy.resource(LISTENER, name))), None)
    if resource is None:
        name = place.listeners[0]
        known = client.proxy.account.knows_all(LISTENER)
        state = State.NOT_IN_EFFECT if known else State.UNKNOWN
        because = f"the proxy has no listener {name}" if known else "not all listeners of the proxy were captured"
        yield from (Outcome(one.path, state, because, expected=str(one), kind=LISTENER, name=name) for one in wanted)
        return
    listener = client.proxy.read(resource, Listener)
    if isinstance(listener, Undecodable):
        because = f"listener {resource.name} does not read: {listener.why}"
        yield from (Outcome(one.path, State.UNKNOWN, because, expected=str(one)) for one in wanted)
        return
    for one in wanted:
        yield _outcome(one, resource, listener)


def _outcome(one: WantedChain, resource: Resource, listener: Listener) -> Outcome:
    chains = [(index, chain, proxy) for index, chain in listener.chains() if (proxy := _tcp(chain)) is not None]
    alike = [each for each in chains if set(each[1].filter_chain_match.server_names) == set(one.names)]
    exact = [each for each in alike if _led_to(each[2]) == one.clusters]
    best = (exact or alike)[:1]
    if not best:
        because = f"listener {resource.name} has no filter chain for {', '.join(one.names) or 'TCP'}"
        return Outcome(one.path, State.NOT_IN_EFFECT, because, expected=str(one), kind=LISTENER, name=resource.name)
    index, chain, proxy = best[0]
    actual = _led_to(proxy)
    differences = [] if exact else [Difference("tcp_proxy.cluster", one.clusters, actual)]
    here = f"filter chain {'default' if index is None else index} of listener {resource.name}"
    return Outcome(
        one.path,
        State.IN_EFFECT if exact else State.PARTLY,
        here if exact else str(differences[0]),
        expected=str(one),
        actual=str(WantedChain((), chain.filter_chain_match.server_names, actual)),
        differences=tuple(differences),
        made=resource.location.below(chain_path(index)),
        kind=LISTENER,
        name=resource.name,
    )


def _tcp(chain: FilterChain) -> TcpProxy | None:
    found = chain.tcp
    return found[1] if found else None


def _led_to(proxy: TcpProxy) -> str:
    if proxy.weighted_clusters is None:
        return proxy.cluster
    shares = proxy.weighted_clusters.clusters
    return shares[0].name if len(shares) == 1 else ", ".join(f"{one.name} {one.weight}" for one in shares)
