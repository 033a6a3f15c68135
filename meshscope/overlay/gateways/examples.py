"""What the proxies have today, after which new parts are made: listeners, chains, route configurations and sockets.

A gateway's chains of HTTP differ in their names alone, so that each tells what istiod writes for this proxy: filters, access
logs, tracing. Sockets of TLS are of the mesh's settings, so that another gateway's tells them as well.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import Any

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.patches.selection import patching, why_not_selected
from meshscope.envoy.resource import LISTENER, ROUTES
from meshscope.istio.objects.envoy_filter import EnvoyConfigObjectPatch
from meshscope.once import once
from meshscope.overlay.draft import Draft, Json
from meshscope.overlay.extensions.plugins import plugins_of
from meshscope.overlay.gateways.l4_chains import tcp_proxy
from meshscope.overlay.gateways.servers import Speaks, TakenServer, servers_by_listener
from meshscope.overlay.gateways.sockets import Example

_INSPECTOR = "envoy.filters.listener.tls_inspector"
_LIKE_HTTP = ("HTTP", "HTTPS", "HTTP2")
_OF_LISTENERS = ("LISTENER", "LISTENER_FILTER", "FILTER_CHAIN", "NETWORK_FILTER", "HTTP_FILTER")
_OF_CHAINS = ("name", "sni", "transport_protocol", "application_protocols", "destination_port", "transport_socket")
_MANAGER = "HttpConnectionManager"
_DECIDING = ("rbac", "wasm", "ext_authz", "lua", "trafficextension")
"""In names of filters of policies and plugins."""


class Examples:
    """Of the captured proxies of one configuration."""

    def __init__(self, before: Configuration) -> None:
        self._before = before
        self._servers: dict[str, dict[str, tuple[TakenServer, ...]]] = {}
        self._listeners: dict[str, dict[str, Json]] = {}

    def begin(self, draft: Draft) -> None:
        """Takes the listeners of a proxy as they are by now, with the policies that are applied along."""
        self._listeners[draft.client.name] = self._of(draft)

    def _bodies(self, client: Client) -> dict[str, Json]:
        """Of the listeners that servers have, by name."""
        if client.name not in self._listeners:
            self._listeners[client.name] = self._of(Draft(client))
        return self._listeners[client.name]

    def _of(self, draft: Draft) -> dict[str, Json]:
        names = self.servers(draft.client)
        return {name: body for name in names if (body := draft.body(LISTENER, name)) is not None}

    def servers(self, client: Client) -> dict[str, tuple[TakenServer, ...]]:
        if client.name not in self._servers:
            self._servers[client.name] = servers_by_listener(self._before, client)
        return self._servers[client.name]

    def http(self, client: Client, wanted: TakenServer) -> tuple[Json, Json] | None:
        """A listener of the proxy and its chain that speaks as the server's would; first the listener's own, then its like."""
        found = [
            (one, listener, chain) for one, listener, chain in self._chains(client) if _dialect(one) == _dialect(wanted)
        ]
        found.sort(key=lambda each: (each[0].listener != wanted.listener, each[0].speaks is not wanted.speaks))
        return (found[0][1], found[0][2]) if found else None

    def listener(self, client: Client) -> Json | None:
        """Any of the proxy's that a server has."""
        return next(iter(self._bodies(client).values()), None)

    def tcp(self, client: Client) -> Json | None:
        """A chain that passes connections on; one of another gateway only where neither has a filter that decides there."""
        if own := next(self._passing(client), None):
            return own
        managers = [manager for _, _, chain in self._chains(client) if (manager := manager_of(chain)) is not None]
        if not managers or not all(map(_is_open, managers)):
            return None
        others = (chain for each in self._gateways if self._is_plain(each) for chain in self._passing(each))
        return next((chain for chain in others if all(_bare(one) for one in chain["filters"])), None)

    def _passing(self, client: Client) -> Iterator[Json]:
        for body in self._bodies(client).values():
            yield from (chain for chain in body.get("filter_chains", ()) if tcp_proxy(chain) is not None)

    def sockets(self, client: Client) -> Iterator[Example]:
        """Those of the proxy first."""
        clients = [client, *(one for one in self._gateways if one.name != client.name)]
        for each in clients:
            for one, _, chain in self._chains(each) if each is client or self._is_plain(each) else ():
                if one.server.tls is not None and "transport_socket" in chain:
                    yield Example(one.server.port.protocol.upper(), one.server.tls, chain["transport_socket"])

    def _is_plain(self, client: Client) -> bool:
        """Whether no EnvoyFilter patches its listeners, so that they tell what istiod writes for others."""
        return not any(patching(self._before, client, LISTENER))

    @once
    def inspector(self) -> Json | None:
        """The listener filter that reads server names."""
        for client in self._gateways:
            for body in self._bodies(client).values():
                for one in body.get("listener_filters", ()):
                    if one.get("name") == _INSPECTOR:
                        return one
        return None

    @once
    def _gateways(self) -> tuple[Client, ...]:
        return tuple(one for one in self._before.clients if one.kind == "gateway")

    def _chains(self, client: Client) -> Iterator[tuple[TakenServer, Json, Json]]:
        for name, servers in self.servers(client).items():
            listener = self._bodies(client).get(name)
            for one in servers if listener is not None else ():
                if one.table and (chain := chain_of(listener, one.table)) is not None:
                    yield one, listener, chain

    def table(self, client: Client) -> Json | None:
        """Any route configuration of a gateway: all but its name and virtual hosts is the same in each."""
        draft = Draft(client)
        tables = (draft.body(ROUTES, one.table) for some in self.servers(client).values() for one in some if one.table)
        return next(filter(None, tables), None)


def chain_of(listener: Json, table: str) -> Json | None:
    """The filter chain that leads to a route configuration."""
    index = index_of(listener, table)
    return None if index is None else listener["filter_chains"][index]


def index_of(listener: Json, table: str) -> int | None:
    """Of that chain among those of the listener."""
    for index, chain in enumerate(listener.get("filter_chains", ())):
        manager = manager_of(chain)
        if manager is not None and manager.get("rds", {}).get("route_config_name") == table:
            return index
    return None


def manager_of(chain: Json) -> dict[str, Any] | None:
    """The configuration of its HTTP connection manager."""
    for one in chain.get("filters", ()):
        if one.get("typed_config", {}).get("@type", "").endswith(_MANAGER):
            found: dict[str, Any] = one["typed_config"]
            return found
    return None


def with_inspector(filters: Sequence[Json], inspector: Json | None, speaks: Speaks) -> list[Json] | None:
    """Listener filters for plain text or TLS; None where no proxy tells the one that reads server names."""
    kept = [one for one in filters if one.get("name") != _INSPECTOR]
    if speaks in (Speaks.HTTP, Speaks.TCP):
        return kept
    if len(kept) != len(filters):
        return list(filters)
    return [*kept, inspector] if inspector else None


def new_listener(like: Json, server: TakenServer, listener_filters: list[Json]) -> dict[str, Any]:
    """Without any filter chain."""
    body: dict[str, Any] = copy.deepcopy(like)
    body["name"], body["filter_chains"] = server.listener, []
    body.pop("listener_filters", None)
    if listener_filters:
        body["listener_filters"] = listener_filters
    for address in (body, *body.get("additional_addresses", ())):
        socket = address["address"]["socket_address"]
        socket["port_value"] = server.port
        if server.server.bind and address is body:
            socket["address"] = server.server.bind
    return body


def _is_open(manager: Json) -> bool:
    """Whether none of its filters is of a policy, whose like a chain for connections would have."""
    names = (one.get("name", "") for one in manager.get("http_filters", ()))
    return not any(word in name for name in names for word in _DECIDING)


def _bare(network_filter: Json) -> bool:
    return not any(word in network_filter.get("name", "") for word in _DECIDING)


def by_port(configuration: Configuration, client: Client) -> str:
    """What may change a listener by its port or name, so that one does not tell another; "" where nothing does."""
    filters = [
        str(one)
        for one in configuration.envoy_filters
        if any(map(_is_of_port, one.value.spec.config_patches)) and not why_not_selected(configuration, one, client)
    ]
    filters += [str(one.owner) for one in plugins_of(configuration) if one.asked.names_ports]
    return ", ".join(filters)


def _is_of_port(patch: EnvoyConfigObjectPatch) -> bool:
    """Whether it is for some listeners or chains alone."""
    if patch.apply_to not in _OF_LISTENERS:
        return False
    asked = patch.match.listener if patch.match else None
    if patch.apply_to == "LISTENER" and patch.patch and patch.patch.operation in ("ADD", "REMOVE"):
        return True
    chain = asked.filter_chain if asked else None
    named = (asked.port_number, asked.port_name, asked.name) if asked else ()
    of_chain = (getattr(chain, field) for field in _OF_CHAINS) if chain else ()
    return any((*named, *of_chain))


def _dialect(one: TakenServer) -> str:
    protocol = one.server.port.protocol.upper()
    return "HTTP" if protocol in _LIKE_HTTP else protocol
