"""The virtual hosts that applied VirtualServices touch, in one proxy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.http_routes.places import Place
from meshscope.effect.http_routes.table_index import indexed
from meshscope.effect.patches.selection import patching
from meshscope.effect.static_conditions import MESH
from meshscope.envoy.resource import CLUSTER, ROUTES
from meshscope.istio.hosts import is_within
from meshscope.istio.names import parse_cluster
from meshscope.location import Location
from meshscope.mesh.owners import owner_of
from meshscope.once import once
from meshscope.overlay.change import NotRebuilt, Reach
from meshscope.overlay.draft import Draft, Json
from meshscope.overlay.routes.bound import Rules, Spot, bound, touched_hosts
from meshscope.overlay.routes.changes import route_changes
from meshscope.overlay.routes.route_body import is_default, routes_of
from meshscope.overlay.routes.virtual_host import Today, conflict, doubts, rebuilt_routes, today
from meshscope.overlay.routes.wanted import Candidates, WantedRoutes, wanted_routes

_BLACK_HOLE = "blackhole"
"""The virtual host of a gateway's port that no VirtualService serves: it takes every name, and has no route."""
LAST = ("allow_any", "block_all")
"""The virtual hosts of a sidecar for every other name."""


class Routes:
    """`before` and `after` are two configurations of the same proxies; `old` and `new` the VirtualServices that differ."""

    def __init__(
        self, before: Configuration, after: Configuration, old: tuple[Rules, ...], new: tuple[Rules, ...]
    ) -> None:
        self._before, self._after = before, after
        self._hosts = touched_hosts(before, old) | touched_hosts(after, new)
        self._objects = tuple(dict.fromkeys(str(one) for one in (*new, *old)))

    def rebuild(self, draft: Draft) -> None:
        client = draft.client
        if client.kind not in ("sidecar", "gateway"):
            if client.kind == "waypoint":
                draft.not_rebuilt.append(self._unknown(client, "routes of a waypoint are not rebuilt"))
            return
        before = bound(self._before, client, self._hosts)
        after = bound(self._after, client, self._hosts)
        for spot in dict.fromkeys((*before, *after)):
            self._at(draft, spot, before.get(spot, ()), after.get(spot, ()))

    def _at(self, draft: Draft, spot: Spot, old: Candidates, new: Candidates) -> None:
        client, place = draft.client, (new or old)[0][1]
        table = draft.body(ROUTES, place.table)
        if table is None:
            if not client.proxy.knows_all(ROUTES):
                draft.not_rebuilt.append(self._unknown(client, "not all route configurations were captured", spot))
            elif place.table in client.tables:
                draft.not_rebuilt.append(
                    self._unknown(client, "a route table inside of a listener is not rebuilt", spot)
                )
            return
        host = _host(table, place)
        now = today(host)
        if isinstance(now, str):
            draft.not_rebuilt.append(self._unknown(client, f"the virtual host does not read: {now}", spot))
            return
        owners = [found for one in now.routes if (found := owner_of(one.route.metadata))]
        before = _placed(wanted_routes(self._before, client, old, owners), place)
        after = _placed(wanted_routes(self._after, client, new, owners), place)
        if _alike(before, after) or (host is not None and not conflict(now, after)):
            return
        for because in (*self._of_today(client, now, before, host), *doubts(after)):
            draft.not_rebuilt.append(self._unknown(client, because, spot))
        routes = rebuilt_routes(self._after, draft, now, before, after, lambda: self._tables(draft, table))
        for because, cluster in _absent(self._after, draft, after):
            draft.not_rebuilt.append(self._unknown(client, because, cluster=cluster))
        self._put(draft, table, place, host, routes)
        draft.changes += route_changes(client, spot, now, after, routes, _location(client, place, host))

    def _tables(self, draft: Draft, own: Json) -> Iterator[Json]:
        yield from _tables(draft, own)
        yield from self._others

    @once
    def _others(self) -> tuple[Json, ...]:
        """A table of some proxy that tells what istiod adds to a route where no rule says anything."""
        for client in self._before.clients:
            for table in _tables(Draft(client), {}):
                if any(map(is_default, routes_of(table))):
                    return (table,)
        return ()

    def _of_today(self, client: Client, now: Today, before: WantedRoutes, host: Json | None) -> Iterator[str]:
        """Where today's routes are not what istiod makes of today's manifests, tomorrow's may not be either."""
        if why := conflict(now, before):
            filters = ", ".join(patching(self._before, client, ROUTES))
            what = "its routes are" if host is not None else "it is"
            yield f"{what} not as today's manifests say ({why})" + (f"; {filters} may patch them" if filters else "")

    def _put(self, draft: Draft, table: Json, place: Place, host: Json | None, routes: tuple[Json, ...]) -> None:
        """A gateway may have several hosts in one virtual host, as long as their routes are equal; then it gets one more."""
        own, rest = _split(host, place) if host is not None else (None, None)
        new = {**(own or self._new_host(place)), "routes": list(routes)} if routes else None
        hosts = list(table.get("virtual_hosts", ()))
        at = next((number for number, one in enumerate(hosts) if one is host), None)
        if at is not None:
            hosts[at : at + 1] = [rest] if rest is not None else []
        if new is not None:
            hosts = [one for one in hosts if not one["name"].startswith(_BLACK_HOLE)]
            alike = next((number for number, one in enumerate(hosts) if _takes_in(one, new, place)), None)
            if alike is not None and self._after.is_since(1, 11):
                hosts[alike] = {**hosts[alike], "domains": [*hosts[alike]["domains"], *new["domains"]]}
            else:
                hosts.insert(sorted_place(hosts, new["name"]) if at is None else at, new)
        draft.put(ROUTES, place.table, {**table, "virtual_hosts": hosts})

    def _new_host(self, place: Place) -> dict[str, Any]:
        """https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/httproute.go (domains of a virtual host)"""
        body: dict[str, Any] = {"name": place.virtual_host, "domains": self._domains(place)}
        if place.gateway != MESH and self._redirects(place):
            body["require_tls"] = "ALL"
        return {**body, "include_request_attempt_count": True}

    def _domains(self, place: Place) -> list[str]:
        since = (1, 15) if place.gateway != MESH else (1, 16)
        with_port = [] if place.host == "*" or self._after.is_since(*since) else [f"{place.host}:{place.port}"]
        is_absolute_too = place.gateway == MESH and self._after.is_since(1, 27) and not place.host.startswith("*")
        return [place.host, *with_port, *([f"{place.host}."] if is_absolute_too else [])]

    def _redirects(self, place: Place) -> bool:
        gateways = (one for one in self._after.gateways if f"{one.namespace}/{one.item.name}" == place.gateway)
        servers = (server for one in gateways for server in one.value.spec.servers)
        return any(
            server.tls is not None and server.tls.https_redirect
            for server in servers
            if server.port.number == place.port
            and any(is_within(place.host, host.rpartition("/")[2]) for host in server.hosts)
        )

    def _unknown(self, client: Client, because: str, spot: Spot | None = None, cluster: str = "") -> NotRebuilt:
        reach = Reach.CLUSTER if cluster else Reach.ROUTES if spot else Reach.REQUESTS
        return NotRebuilt(
            object=", ".join(self._objects),
            because=because,
            proxy=client.name,
            decides=reach,
            name=cluster or ("/".join(spot) if spot else ""),
        )


def _absent(configuration: Configuration, draft: Draft, after: WantedRoutes) -> Iterator[tuple[str, str]]:
    """Clusters of ports that services have, and the proxy has not: istiod may send it a cluster that a route asks for."""
    for one in after.routes:
        for name in one.route.route.cluster_names if one.route.route else ():
            cluster = parse_cluster(name)
            if cluster is None or draft.body(CLUSTER, name) is not None:
                continue
            services = configuration.services.named(cluster.host)
            is_known = any(service.port(cluster.port or 0) for service in services)
            if is_known and draft.body(CLUSTER, str(replace(cluster, subset=""))) is None:
                yield f"the proxy has no cluster {name} today, and istiod may send it one for the route", name


def _placed(wanted: WantedRoutes, place: Place) -> WantedRoutes:
    return wanted if wanted.place else replace(wanted, place=place)


def _alike(one: WantedRoutes, other: WantedRoutes) -> bool:
    return one.is_owned == other.is_owned and [each.key for each in one.routes] == [each.key for each in other.routes]


def _host(table: Json, place: Place) -> Json | None:
    """In the table as it is by now. One of a gateway bears the name of the first of its hosts."""
    hosts = [one for one in table.get("virtual_hosts", ()) if not one["name"].startswith(_BLACK_HOLE)]
    if named := next((one for one in hosts if one["name"] == place.virtual_host), None):
        return named
    if place.gateway == MESH:
        return None
    domains = (place.host, f"{place.host}:*", place.virtual_host)
    return next((one for domain in domains for one in hosts if domain in one.get("domains", ())), None)


def _takes_in(host: Json, new: Json | None, place: Place) -> bool:
    """Whether istiod puts another host of a gateway into the same virtual host: their routes are equal."""
    if new is None or place.gateway == MESH:
        return False
    return all(host.get(field) == new.get(field) for field in ("routes", "require_tls"))


def sorted_place(hosts: list[Json], name: str) -> int:
    """istiod sorts virtual hosts by their names; the one for all that is left comes last."""
    return next((number for number, one in enumerate(hosts) if one["name"] > name or one["name"] in LAST), len(hosts))


def _split(host: Json, place: Place) -> tuple[Json, Json | None]:
    """The virtual host of the place alone, and that of the other hosts in it."""
    if place.gateway == MESH:
        return host, None
    own = [domain for domain in host["domains"] if domain.removesuffix(":*") in (place.host, place.virtual_host)]
    others = [domain for domain in host["domains"] if domain not in own]
    if not own or not others:
        return host, None
    name = others[0] if ":" in others[0] else f"{others[0]}:{place.port}"
    rest = {**host, "domains": others, "name": host["name"] if host["name"] != place.virtual_host else name}
    return {**host, "domains": own, "name": place.virtual_host}, rest


def _location(client: Client, place: Place, host: Json | None) -> Location | None:
    """Where the routes of the virtual host stand today."""
    table = client.tables.get(place.table)
    if table is None or host is None:
        return None
    return table.location.below(("virtual_hosts", indexed(table).by_name.get(host["name"], 0), "routes"))


def _tables(draft: Draft, own: Json) -> Iterator[Json]:
    """The table at hand first; the others are read only if it does not tell."""
    yield own
    yield from filter(None, (draft.body(ROUTES, name) for name in draft.client.tables))
