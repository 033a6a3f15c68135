"""Routes in the order in which Envoy tries them, with every matcher.

Tables are read one virtual host at a time: a gateway's hundred thousand routes never stand in memory together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from meshscope.envoy.resource import ROUTES
from meshscope.listing.kind import PROXY, STATE, Column, Kind, Row
from meshscope.listing.selection import Selection
from meshscope.location import Location
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.owners import named, owner_of, written
from meshscope.mesh.proxy import Proxy, RouteTable
from meshscope.mesh.virtual_hosts import virtual_hosts
from meshscope.xds.duration import shown
from meshscope.xds.message import Undecodable
from meshscope.xds.route import Route, VirtualHost


class RouteRow(Row, frozen=True, kw_only=True):
    """`cluster` and `weight` are lists where the route divides its traffic; null fields do not apply.

    `action` is route, redirect, direct_response, filter_action or non_forwarding_action. `index` counts from 0 in the
    virtual host. `timeout` is the effective one.
    """

    proxy: str
    route_config: str
    virtual_host: str | None = None
    domains: tuple[str, ...] = ()
    index: int | None = None
    name: str | None = None
    match: str | None = None
    action: str | None = None
    cluster: str | tuple[str, ...] | None = None
    weight: int | tuple[int, ...] | None = None
    redirect: str | None = None
    direct_response: int | None = None
    timeout: str | None = None
    virtual_service: str | None = None
    inline_in: str | None = None


def rows(mesh: Mesh, selection: Selection) -> Iterator[RouteRow]:
    for proxy in selection.proxies(mesh):
        for table in proxy.route_tables(in_effect=selection.in_effect_only):
            if selection.has_state(table.state) and selection.name in ("", table.name):
                yield from (row for row in _table(proxy, table) if _selected(row, selection))


def _table(proxy: Proxy, table: RouteTable) -> Iterator[RouteRow]:
    some = False
    for position, host in enumerate(virtual_hosts(table)):
        some = True
        yield from _host(proxy, table, host, table.location.below(("virtual_hosts", position)))
    if not some:
        yield RouteRow(
            proxy=proxy.name,
            route_config=table.name,
            inline_in=table.listener or None,
            state=table.state,
            location=table.location,
        )


def _host(proxy: Proxy, table: RouteTable, host: VirtualHost | Undecodable, at: Location) -> Iterator[RouteRow]:
    if isinstance(host, Undecodable):
        yield RouteRow(
            proxy=proxy.name, route_config=table.name, match=f"unreadable: {host.why}", state=table.state, location=at
        )
        return
    if not host.routes:
        yield RouteRow(
            proxy=proxy.name,
            route_config=table.name,
            virtual_host=host.name,
            domains=host.domains,
            inline_in=table.listener or None,
            state=table.state,
            location=at,
        )
    for index, route in enumerate(host.routes):
        owner = owner_of(route.metadata)
        cluster, weight = chosen_clusters(route)
        yield RouteRow(
            proxy=proxy.name,
            route_config=table.name,
            virtual_host=host.name,
            domains=host.domains,
            index=index,
            name=route.name,
            match=str(route.match),
            action=action(route),
            cluster=cluster,
            weight=weight,
            redirect=str(route.redirect) if route.redirect else None,
            direct_response=route.direct_response.status if route.direct_response else None,
            timeout=timeout(route),
            virtual_service=named(owner, "VirtualService") or None,
            inline_in=table.listener or None,
            owner=written(owner),
            state=table.state,
            location=at.below(("routes", index)),
        )


def chosen_clusters(route: Route) -> tuple[str | tuple[str, ...] | None, int | tuple[int, ...] | None]:
    if not route.route:
        return None, None
    if weighted := route.route.weighted_clusters:
        names = tuple(choice.name or f"header {choice.cluster_header}" for choice in weighted.clusters)
        return names, tuple(choice.weight for choice in weighted.clusters)
    return route.route.cluster or route.route.chosen_by or None, None


def action(route: Route) -> str:
    for name in ("route", "redirect", "direct_response"):
        if getattr(route, name):
            return name
    return "filter_action" if memoryview(route.filter_action) else "non_forwarding_action"


def timeout(route: Route) -> str | None:
    """15 s unless the route says otherwise; a `max_stream_duration` puts the route's timeout out of force."""
    if not route.route:
        return None
    if route.route.max_stream_duration:
        return "0s"
    return "15s" if route.route.timeout is None else shown(route.route.timeout)


def _selected(row: RouteRow, selection: Selection) -> bool:
    if selection.fqdn and not any(domain.partition(":")[0] == selection.fqdn for domain in row.domains):
        return False
    clusters = row.cluster if isinstance(row.cluster, tuple) else (row.cluster,)
    return selection.cluster in ("", *clusters)


def _domains(row: RouteRow) -> str:
    """The first domain and how many more; as in istioctl, those with a port or a longer form of another do not count."""
    bare = [domain for domain in row.domains if not _PORT.search(domain)]
    short = {domain.removesuffix(".") for domain in bare}
    apart = [domain for domain in bare if not any(form != domain and form in short for form in _shorter(domain))]
    shown = apart or row.domains
    return (shown[0] if shown else "") + (f" + {len(shown) - 1} more" if len(shown) > 1 else "")


_PORT = re.compile(r":(?:\d+|\*)$")


def _shorter(domain: str) -> tuple[str, str, str]:
    """`reviews.default.svc.cluster.local.` without its last dot, without the cluster's domain, without `.svc`."""
    name = domain.removesuffix(".")
    service, _, _ = name.partition(".svc.")
    return name, service, service.removesuffix(".svc")


def _leads_to(row: RouteRow) -> tuple[str, ...]:
    if row.redirect:
        return (f"redirect {row.redirect}",)
    if row.direct_response is not None:
        return (f"answer {row.direct_response}",)
    if isinstance(row.cluster, tuple) and isinstance(row.weight, tuple):
        return tuple(f"{name} {weight}" for name, weight in zip(row.cluster, row.weight, strict=True))
    return (str(row.cluster or row.action or ""),)


KIND = Kind(
    name="routes",
    filters="proxy namespace labels name fqdn cluster state",
    singular="route",
    row=RouteRow,
    resource=ROUTES,
    rows=rows,
    key=lambda row: "/".join(str(p) for p in (row.route_config, row.virtual_host, row.index) if p is not None),
    also=lambda row: (row.route_config, f"{row.route_config}/{row.virtual_host}"),
    node=lambda row: (row.route_config, row.virtual_host, row.index),
    has_evidence=lambda proxy: proxy.has_evidence(ROUTES) or bool(proxy.inline_tables),
    columns=(
        PROXY,
        Column("NAME", lambda row: row.route_config),
        Column("VHOST NAME", lambda row: row.virtual_host, rank=2),
        Column("DOMAINS", _domains),
        Column("MATCH", lambda row: row.match),
        Column("VIRTUAL SERVICE", lambda row: row.virtual_service, rank=1),
        Column("CLUSTER", _leads_to),
        Column("TIMEOUT", lambda row: row.timeout, wide=True),
        Column("ROUTE", lambda row: row.name, wide=True),
        STATE,
    ),
)
