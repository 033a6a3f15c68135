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
from meshscope.overlay.applied import named
from meshscope.overlay.change import Change, Kind, NotRebuilt, Reach
from meshscope.overlay.draft import Draft, Json
from meshscope.overlay.routes.bound import Rules, Spot, bound, touched_hosts
from meshscope.overlay.routes.changes import route_changes
from meshscope.overlay.routes.host_table import BLACK_HOLE, black_hole, host_at, sorted_place, split, takes_in
from meshscope.overlay.routes.route_body import is_default, routes_of
from meshscope.overlay.routes.virtual_host import Today, conflict, doubts, rebuilt_routes, today
from meshscope.overlay.routes.wanted import Candidates, WantedRoutes, wanted_routes
from meshscope.overlay.written_rule import sources_of, written_rule


class Routes:
    """`before` and `after` are two configurations of the same proxies; `old` and `new` the VirtualServices that differ, or
    whose Gateways do.
    """

    def __init__(
        self, before: Configuration, after: Configuration, old: tuple[Rules, ...], new: tuple[Rules, ...]
    ) -> None:
        self._before, self._after = before, after
        self._hosts = touched_hosts(before, old) | touched_hosts(after, new)
        same = {named(one.item): one.value for one in old}
        self._unchanged = frozenset(named(one.item) for one in new if same.get(named(one.item)) == one.value)
        self._objects = tuple(dict.fromkeys(name for one in (*new, *old) for name in sources_of(one)))

    def rebuild(self, draft: Draft) -> None:
        client = draft.client
        if client.kind not in ("sidecar", "gateway"):
            return
        before = bound(self._before, client, self._hosts)
        after = bound(self._after, client, self._hosts)
        for spot in dict.fromkeys((*before, *after)):
            self._at(draft, spot, before.get(spot, ()), after.get(spot, ()))

    def _at(self, draft: Draft, spot: Spot, old: Candidates, new: Candidates) -> None:
        client, place = draft.client, (new or old)[0][1]
        some = (*new, *old)
        table = draft.body(ROUTES, place.table)
        if table is None:
            if draft.is_removed(ROUTES, place.table):
                return
            if not client.proxy.knows_all(ROUTES):
                draft.not_rebuilt.append(
                    self._unknown(client, "not all route configurations were captured", spot, some)
                )
            elif place.table in client.tables:
                draft.not_rebuilt.append(
                    self._unknown(client, "a route table inside of a listener is not rebuilt", spot, some)
                )
            return
        host = host_at(table, place)
        now = today(host, self._before.mesh)
        if isinstance(now, str):
            draft.not_rebuilt.append(self._unknown(client, f"the virtual host does not read: {now}", spot, some))
            return
        owners = [found for one in now.routes if (found := owner_of(one.route.metadata))]
        before = placed(wanted_routes(self._before, client, old, owners), place)
        after = placed(wanted_routes(self._after, client, new, owners), place)
        if are_alike(before, after) or (host is not None and not conflict(now, after)):
            return
        for because in (*self._of_today(client, now, before, host), *doubts(before, after)):
            draft.not_rebuilt.append(self._unknown(client, because, spot, some))
        routes = rebuilt_routes(self._after, draft, now, before, after, lambda: self._tables(draft, table))
        for because, cluster in absent(self._after, draft, after):
            draft.not_rebuilt.append(self._unknown(client, because, cluster=cluster))
        self._put(draft, table, place, host, routes)
        here = _location(client, place, host)
        if whole := self._whole(client, spot, before, after, here):
            draft.changes.append(whole)
        else:
            draft.changes += route_changes(client, spot, now, after, routes, here, self._after.mesh)

    def _whole(
        self, client: Client, spot: Spot, before: WantedRoutes, after: WantedRoutes, here: Location | None
    ) -> Change | None:
        """Where a Gateway alone gives a host, or takes it: no rule of its routes is another."""
        old, new = before.routes, after.routes
        place = after.place if new else before.place
        if bool(old) == bool(new) or not place or not all(one.key[0] in self._unchanged for one in (*old, *new)):
            return None
        gateway = (self._after if new else self._before).gateways_by_name.get(place.gateway)
        rule = written_rule(gateway, ()) if gateway else None
        words = ", ".join(dict.fromkeys(one.rule.object for one in (*old, *new)))
        return Change(
            proxy=client.name,
            what="virtual host",
            name="/".join(spot),
            change=Kind.MADE if new else Kind.VANISHES,
            object=rule.object if rule else "",
            rule=rule.rule if rule else "",
            before=None if new else f"routes of {words}",
            after=f"routes of {words}" if new else None,
            location=rule.location if rule else None,
            made=here,
        )

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
        own, rest = split(host, place) if host is not None else (None, None)
        is_kept = bool(routes) or (place.gateway != MESH and self._redirects(place, alone=True))
        new = {**(own or self._new_host(draft, table, place)), "routes": list(routes)} if is_kept else None
        hosts = list(table.get("virtual_hosts", ()))
        at = next((number for number, one in enumerate(hosts) if one is host), None)
        if at is not None:
            hosts[at : at + 1] = [rest] if rest is not None else []
        if new is not None:
            hosts = [one for one in hosts if not one["name"].startswith(BLACK_HOLE)]
            alike = next((number for number, one in enumerate(hosts) if takes_in(one, new, place)), None)
            if alike is not None and self._after.is_since(1, 11):
                hosts[alike] = {**hosts[alike], "domains": [*hosts[alike]["domains"], *new["domains"]]}
            else:
                hosts.insert(sorted_place(hosts, new["name"]) if at is None else at, new)
        if not hosts and place.gateway != MESH:
            hosts = [black_hole(place.port)]
        draft.put(ROUTES, place.table, {**table, "virtual_hosts": hosts})

    def _new_host(self, draft: Draft, table: Json, place: Place) -> dict[str, Any]:
        """https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/httproute.go (domains of a virtual host)"""
        body: dict[str, Any] = {"name": place.virtual_host, "domains": self._domains(draft, table, place)}
        if place.gateway != MESH and self._redirects(place):
            body["require_tls"] = "ALL"
        return {**body, "include_request_attempt_count": True}

    def _domains(self, draft: Draft, table: Json, place: Place) -> list[str]:
        """In the forms that the proxy's other names have, else in those of the version."""
        own = [table, *_tables(draft, {})]
        known = [
            name for one in own for host in one.get("virtual_hosts", ()) for name in host["domains"] if name != "*"
        ]
        ends = {name.partition(":")[2] for name in known if name.count(":") == 1}
        since = (1, 15) if place.gateway != MESH else (1, 16)
        has_ends = bool(ends) if known else not self._after.is_since(*since)
        end = "*" if "*" in ends else str(place.port)
        with_port = [f"{place.host}:{end}"] if has_ends and place.host != "*" else []
        is_of_service = place.gateway == MESH and place.service is not None and not place.host.startswith("*")
        is_absolute_too = is_of_service and self._after.is_since(1, 27)
        return [place.host, *with_port, *([f"{place.host}."] if is_absolute_too else [])]

    def _redirects(self, place: Place, *, alone: bool = False) -> bool:
        """With `alone` also a host without any route."""
        gateways = (one for one in self._after.gateways if f"{one.namespace}/{one.item.name}" == place.gateway)
        servers = (server for one in gateways for server in one.value.spec.servers)
        return any(
            server.tls is not None and server.tls.https_redirect
            for server in servers
            if server.port.number == place.port
            and any(
                place.host == host if alone else is_within(place.host, host)
                for host in (each.rpartition("/")[2] for each in server.hosts)
            )
        )

    def _unknown(
        self, client: Client, because: str, spot: Spot | None = None, some: Candidates = (), cluster: str = ""
    ) -> NotRebuilt:
        reach = Reach.CLUSTER if cluster else Reach.ROUTES if spot else Reach.REQUESTS
        """`some` are the rules at the spot."""
        here = _sources(some)
        objects = [name for name in self._objects if name in here] or list(self._objects)
        named = next((name for name in objects if because.startswith(f"{name} ")), "")
        return NotRebuilt(
            object=named or ", ".join(objects),
            because=because.removeprefix(f"{named} ") if named else because,
            proxy=client.name,
            decides=reach,
            name=cluster or ("/".join(spot) if spot else ""),
        )


def _sources(some: Candidates) -> set[str]:
    """The objects that people wrote."""
    return {name for one, _ in some for name in sources_of(one)}


def absent(configuration: Configuration, draft: Draft, after: WantedRoutes) -> Iterator[tuple[str, str]]:
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


def placed(wanted: WantedRoutes, place: Place) -> WantedRoutes:
    return wanted if wanted.place else replace(wanted, place=place)


def are_alike(one: WantedRoutes, other: WantedRoutes) -> bool:
    return one.is_owned == other.is_owned and [each.key for each in one.routes] == [each.key for each in other.routes]


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
