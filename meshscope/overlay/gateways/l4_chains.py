"""Filter chains that a gateway's servers of TLS and TCP should have, each of a rule of a VirtualService.

https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/gateway.go (buildGatewayNetworkFiltersFromTLSRoutes,
buildGatewayNetworkFiltersFromTCPRoutes): a server of TCP has one chain, of the first rule that fits.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.http_routes.places import gateways_of, hosts_of
from meshscope.effect.l4_routes.at_place import WantedChain, chains_at
from meshscope.effect.l4_routes.places import TCP, TLS, L4Place, takes
from meshscope.istio.hosts import overlap
from meshscope.overlay.draft import Json
from meshscope.overlay.gateways.servers import Speaks, TakenServer
from meshscope.overlay.routes.bound import Rules, reach_of
from meshscope.overlay.written_rule import WrittenRule, written_rule

_PROXY = "TcpProxy"


class L4Chain(Struct, frozen=True, eq=False):
    """`names` are the server names that it matches, none for every connection; `clusters` are in the words of `l4_routes`."""

    server: TakenServer
    rule: WrittenRule
    names: frozenset[str]
    clusters: str

    @property
    def said(self) -> tuple[object, ...]:
        return self.names, self.clusters, self.terminated

    @property
    def terminated(self) -> object:
        """The settings of TLS that ends here."""
        return self.server.server.tls if not _passes(self.server) else None

    def __str__(self) -> str:
        return f"{'SNI ' + ', '.join(sorted(self.names)) if self.names else 'TCP'} → {self.clusters}"


def l4_chains(configuration: Configuration, client: Client, servers: tuple[TakenServer, ...]) -> tuple[L4Chain, ...]:
    """In their order. Of several with the same names the first counts."""
    found: dict[frozenset[str], L4Chain] = {}
    for server in servers:
        if server.speaks in (Speaks.TLS, Speaks.TCP):
            for one in _of_server(configuration, client, server):
                found.setdefault(one.names, one)
    return tuple(found.values())


def _of_server(configuration: Configuration, client: Client, server: TakenServer) -> Iterator[L4Chain]:
    for kind in (TLS, TCP):
        if not takes(server.server, kind):
            continue
        for owner in _bound(configuration, client, server):
            rules = getattr(owner.value.spec, kind)
            place = L4Place((server.listener,), server.server.port.number, _name(server), server.hosts[0])
            for one in chains_at(configuration, client, place, rules, kind, owner.namespace):
                if isinstance(one, WantedChain):
                    names = one.names if kind == TLS else server.names if not _passes(server) else ()
                    yield L4Chain(server, written_rule(owner, one.path), frozenset(names), one.clusters)
                    if kind == TCP:
                        return


def _bound(configuration: Configuration, client: Client, server: TakenServer) -> Iterator[Rules]:
    found = [
        one
        for one in configuration.virtual_services
        if _name(server) in gateways_of(one)
        and reach_of(configuration, one, client) is not None
        and any(overlap(host, own) for own in _hosts_for(server, one.namespace) for host in hosts_of(one))
    ]
    yield from sorted(found, key=lambda one: reach_of(configuration, one, client) or 0)


def _hosts_for(server: TakenServer, namespace: str) -> Iterator[str]:
    """Those that a VirtualService of a namespace may serve."""
    for text in server.server.hosts:
        place, slash, host = text.partition("/")
        if not slash:
            yield text
        elif place in ("*", namespace) or (place == "." and server.gateway.namespace == namespace):
            yield host


def _name(server: TakenServer) -> str:
    return f"{server.gateway.namespace}/{server.gateway.item.name}"


def _passes(server: TakenServer) -> bool:
    tls = server.server.tls
    return tls is None or tls.mode in ("PASSTHROUGH", "AUTO_PASSTHROUGH")


# --- in a listener -------------------------------------------------------------------------------------------------


def tcp_proxy(chain: Json) -> dict[str, Any] | None:
    """The configuration of its filter for connections."""
    for one in chain.get("filters", ()):
        if one.get("typed_config", {}).get("@type", "").endswith(_PROXY):
            found: dict[str, Any] = one["typed_config"]
            return found
    return None


def l4_chain_in(listener: Json, names: frozenset[str]) -> Json | None:
    for chain in listener.get("filter_chains", ()):
        match = chain.get("filter_chain_match") or {}
        if tcp_proxy(chain) is not None and frozenset(match.get("server_names", ())) == names:
            return chain
    return None


def led_to(proxy: Json) -> str:
    """The clusters, as `l4_routes` names them."""
    shares = proxy.get("weighted_clusters", {}).get("clusters", ())
    if not shares:
        return str(proxy.get("cluster", ""))
    return ", ".join(f"{one['name']} {one.get('weight', 0)}" for one in shares)


def lead(proxy: dict[str, Any], words: str) -> None:
    """Of a single cluster its name; of several `name weight`, divided by commas, which no name of a cluster has."""
    for field in ("cluster", "weighted_clusters"):
        proxy.pop(field, None)
    shares = [part.rpartition(" ") for part in words.split(", ")]
    if len(shares) == 1 and not shares[0][0]:
        proxy["cluster"] = words
    else:
        some = [{"name": name, "weight": int(weight)} for name, _, weight in shares]
        proxy["weighted_clusters"] = {"clusters": some}
