"""The routes of a waypoint that applied VirtualServices touch: a virtual host for each port of a service, in its own chain.

https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/listener_waypoint.go (buildWaypointInboundHTTPRouteConfig)
"""

from __future__ import annotations

import copy
from collections.abc import Iterator

from meshscope.effect.configuration import Configuration
from meshscope.effect.http_routes.waypoint_places import serves
from meshscope.effect.policies.waypoints import MAIN
from meshscope.envoy.resource import LISTENER
from meshscope.mesh.owners import owner_of
from meshscope.overlay.change import NotRebuilt, Reach
from meshscope.overlay.draft import Draft, Json
from meshscope.overlay.patches.lists import managers
from meshscope.overlay.routes.bound import Rules, Spot, bound, touched_hosts
from meshscope.overlay.routes.changes import route_changes
from meshscope.overlay.routes.host_table import host_at
from meshscope.overlay.routes.rebuilding import absent, are_alike, placed
from meshscope.overlay.routes.route_body import is_default, routes_of
from meshscope.overlay.routes.virtual_host import Today, conflict, doubts, rebuilt_routes, today
from meshscope.overlay.routes.wanted import Candidates, WantedRoutes, wanted_routes
from meshscope.overlay.written_rule import sources_of


class WaypointRoutes:
    """`before` and `after` are two configurations of the same proxies; `old` and `new` the VirtualServices that differ."""

    def __init__(
        self, before: Configuration, after: Configuration, old: tuple[Rules, ...], new: tuple[Rules, ...]
    ) -> None:
        self._before, self._after, self._old, self._new = before, after, old, new
        self._hosts = touched_hosts(before, old) | touched_hosts(after, new)

    def rebuild(self, draft: Draft) -> None:
        if draft.client.kind != "waypoint":
            return
        for configuration, some in ((self._before, self._old), (self._after, self._new)):
            for one in _with_connections(configuration, draft, some):
                _note(draft, (one,), "tls and tcp rules at a waypoint are not rebuilt")
        old = bound(self._before, draft.client, self._hosts)
        new = bound(self._after, draft.client, self._hosts)
        for spot in dict.fromkeys((*old, *new)):
            self._at(draft, spot, old.get(spot, []), new.get(spot, []))

    def _at(self, draft: Draft, spot: Spot, old: Candidates, new: Candidates) -> None:
        place, some = (new or old)[0][1], tuple(one for one, _ in (*new, *old))
        table = next((one for one in _tables(draft) if one.get("name") == place.table), None)
        host = host_at(table, place) if table is not None else None
        now = today(host, self._before.mesh)
        if table is None or host is None or isinstance(now, str):
            because = now if isinstance(now, str) else "the waypoint has no virtual host of the port today"
            _note(draft, some, because)
            return
        owners = [found for one in now.routes if (found := owner_of(one.route.metadata))]
        before = placed(wanted_routes(self._before, draft.client, old, owners), place)
        after = placed(wanted_routes(self._after, draft.client, new, owners), place)
        if len(new) < 2 and (are_alike(before, after) or not conflict(now, after)):
            return
        unknown = [*self._doubts(draft, now, before, after, new), *doubts(before, after)]
        for because in unknown:
            _note(draft, some, because, Reach.ROUTES, "/".join(spot))
        if unknown:
            return
        routes = self._routes(draft, now, before, after)
        for because, cluster in absent(self._after, draft, after):
            _note(draft, some, because, Reach.CLUSTER, cluster)
        hosts = [{**one, "routes": list(routes)} if one is host else one for one in table["virtual_hosts"]]
        _put(draft, {**table, "virtual_hosts": hosts})
        draft.changes += route_changes(draft.client, spot, now, after, routes, None, self._after.mesh)

    def _doubts(
        self, draft: Draft, now: Today, before: WantedRoutes, after: WantedRoutes, candidates: Candidates
    ) -> Iterator[str]:
        if why := conflict(now, before):
            yield f"its routes are not as today's manifests say ({why})"
        if len(candidates) > 1:
            yield f"which of {', '.join(str(one) for one, _ in candidates)} a waypoint takes is not modelled"
        if not after.is_owned and _like(draft) is None:
            yield "no other service of the waypoint tells what its routes are without any rule"

    def _routes(self, draft: Draft, now: Today, before: WantedRoutes, after: WantedRoutes) -> tuple[Json, ...]:
        """Of a virtual host of which nothing is doubted. Retries without a rule are not those of its default routes."""
        if after.is_owned:
            return rebuilt_routes(self._after, draft, now, before, after, lambda: iter(()))
        body, place = copy.deepcopy(_like(draft)), after.place
        if body is None or place is None:
            return ()
        body["route"]["cluster"] = place.table
        body["decorator"] = {"operation": f"{place.host}:{place.port}/*"}
        return (body,)


def _with_connections(configuration: Configuration, draft: Draft, some: tuple[Rules, ...]) -> Iterator[Rules]:
    """Those with rules for TLS and TCP, of services that are reached through the waypoint."""
    for one in some:
        hosts = touched_hosts(configuration, [one]) if one.value.spec.tls or one.value.spec.tcp else ()
        services = [service for host in hosts for service in configuration.services.within(host)]
        if any(serves(configuration, draft.client, service) for service in services):
            yield one


def _tables(draft: Draft) -> Iterator[Json]:
    for _, manager in managers(draft.body(LISTENER, MAIN) or {}):
        if manager.get("route_config"):
            yield manager["route_config"]


def _like(draft: Draft) -> Json | None:
    """The route of a service that no rule has."""
    return next((route for table in _tables(draft) for route in routes_of(table) if is_default(route)), None)


def _put(draft: Draft, table: Json) -> None:
    body = copy.deepcopy(draft.body(LISTENER, MAIN))
    for _, manager in managers(body or {}):
        if (manager.get("route_config") or {}).get("name") == table["name"]:
            manager["route_config"] = table
    draft.put(LISTENER, MAIN, body)


def _note(draft: Draft, some: tuple[Rules, ...], because: str, reach: Reach = Reach.REQUESTS, name: str = "") -> None:
    draft.not_rebuilt.append(
        NotRebuilt(
            object=", ".join(dict.fromkeys(each for one in some for each in sources_of(one))),
            because=because,
            proxy=draft.client.name,
            decides=reach,
            name=name,
            location=some[0].item.location if some else None,
        )
    )
