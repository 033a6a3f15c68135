"""Routes in the order in which Envoy tries them, with every matcher.

Tables are read one virtual host at a time: a gateway's hundred thousand routes are never in memory together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from meshscope.envoy.resource import ROUTES
from meshscope.listing.column import PROXY, STATE, Column
from meshscope.listing.kind import Kind
from meshscope.listing.row import RowOfProxy
from meshscope.listing.selection import Selection, fits
from meshscope.listing.steps import parts
from meshscope.location import Location
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.owners import made_from, owner_name, owner_of
from meshscope.mesh.proxy import Proxy
from meshscope.mesh.route_table import RouteTable
from meshscope.mesh.virtual_hosts import virtual_host_names, virtual_hosts
from meshscope.work import UNFOLLOWED, Work
from meshscope.xds.duration import duration_text
from meshscope.xds.message import Undecodable
from meshscope.xds.route import Route, VirtualHost


class RouteRow(RowOfProxy, frozen=True, kw_only=True):
    """`cluster` and `weight` are lists where the route splits its traffic; null fields do not apply.

    `action` is route, redirect, direct_response, filter_action or non_forwarding_action. `index` counts from 0 in the
    virtual host. `timeout` is the effective one. `inline_in` is the listener that contains the table.
    """

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


def rows(mesh: Mesh, selection: Selection, work: Work = UNFOLLOWED) -> Iterator[RouteRow]:
    for proxy, share in parts(selection.proxies(mesh), work):
        for table, of_table in parts(proxy.route_tables(in_effect=selection.in_effect_only), share):
            if selection.has_state(table.state) and fits(selection.name, table.name):
                yield from (row for row in _table(mesh, proxy, table, of_table) if _selected(row, selection))


def _table(mesh: Mesh, proxy: Proxy, table: RouteTable, work: Work) -> Iterator[RouteRow]:
    total = len(virtual_host_names(table)) if work.progress else 0  # counting reads all names, so not for nothing
    position = -1
    for position, host in enumerate(virtual_hosts(table)):
        work.step(position, max(total, position + 1))
        yield from _host(mesh, proxy, table, host, table.location.below(("virtual_hosts", position)))
    if position < 0:
        yield RouteRow(
            proxy=proxy.name,
            route_config=table.name,
            inline_in=table.listener or None,
            state=table.state,
            location=table.location,
        )


def _host(
    mesh: Mesh, proxy: Proxy, table: RouteTable, host: VirtualHost | Undecodable, at: Location
) -> Iterator[RouteRow]:
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
            virtual_service=owner_name(owner, "VirtualService") or None,
            inline_in=table.listener or None,
            owner=made_from(route.metadata, route.name, mesh),
            state=table.state,
            location=at.below(("routes", index)),
        )


def chosen_clusters(route: Route) -> tuple[str | tuple[str, ...] | None, int | tuple[int, ...] | None]:
    """The clusters of a route and their weights; a cluster that a header or a plugin names as `header x`, `plugin p`."""
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
    """15 s unless the route says otherwise; a `max_stream_duration` disables the route's timeout.

    https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-routeaction
    """
    if not route.route:
        return None
    if route.route.max_stream_duration:
        return "0s"
    return "15s" if route.route.timeout is None else duration_text(route.route.timeout)


def _selected(row: RouteRow, selection: Selection) -> bool:
    if not fits(selection.fqdn, *(domain.partition(":")[0] for domain in row.domains)):
        return False
    clusters = row.cluster if isinstance(row.cluster, tuple) else (row.cluster,)
    return fits(selection.cluster, *(one for one in clusters if one))


def _domains(row: RouteRow) -> str:
    """The first domain and how many more. As in istioctl, a domain with a port, or a longer form of another, is not counted."""
    bare = [domain for domain in row.domains if not _PORT.search(domain)]
    short = {domain.removesuffix(".") for domain in bare}
    distinct = [domain for domain in bare if not any(form != domain and form in short for form in _shorter(domain))]
    domains = distinct or row.domains
    return (domains[0] if domains else "") + (f" + {len(domains) - 1} more" if len(domains) > 1 else "")


_PORT = re.compile(r":(?:\d+|\*)$")


def _shorter(domain: str) -> tuple[str, str, str]:
    """`reviews.default.svc.cluster.local.` without its last dot, without the cluster's domain, without `.svc`."""
    name = domain.removesuffix(".")
    service, _, _ = name.partition(".svc.")
    return name, service, service.removesuffix(".svc")


def _object(row: RouteRow) -> str | None:
    """The VirtualService as in istioctl; in its place the Gateway API's route that the user wrote."""
    is_shown = row.owner and not row.owner.startswith("VirtualService ")
    return row.owner if is_shown else row.virtual_service


def _leads_to(row: RouteRow) -> tuple[str, ...]:
    if row.redirect:
        return (f"redirect {row.redirect}",)
    if row.direct_response is not None:
        return (f"answer {row.direct_response}",)
    if isinstance(row.cluster, tuple) and isinstance(row.weight, tuple):
        return tuple(f"{name} {weight}" for name, weight in zip(row.cluster, row.weight, strict=True))
    return (str(row.cluster or row.action or ""),)


def _parts_of(row: RouteRow) -> tuple[str | int, ...]:
    """Table, virtual host, index; fewer where the table or the virtual host is empty."""
    return tuple(part for part in (row.route_config, row.virtual_host, row.index) if part is not None)


KIND: Kind[RouteRow] = Kind(
    name="routes",
    filters=("proxy", "namespace", "labels", "name", "fqdn", "cluster", "state"),
    singular="route",
    row=RouteRow,
    resource=ROUTES,
    rows=rows,
    key=lambda row: "/".join(map(str, _parts_of(row))),
    aliases=lambda row: (row.route_config, f"{row.route_config}/{row.virtual_host}"),
    node=_parts_of,
    has_evidence=lambda proxy: proxy.has_evidence(ROUTES) or bool(proxy.inline_tables),
    columns=(
        PROXY,
        Column("NAME", lambda row: row.route_config),
        Column("VHOST NAME", lambda row: row.virtual_host, rank=2),
        Column("DOMAINS", _domains),
        Column("MATCH", lambda row: row.match),
        Column("VIRTUAL SERVICE", _object, rank=1),
        Column("CLUSTER", _leads_to),
        Column("TIMEOUT", lambda row: row.timeout, wide=True),
        Column("ROUTE", lambda row: row.name, wide=True),
        STATE,
    ),
)
