"""What would be different in the resources of a proxy, one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from meshscope.effect.answer import Difference
from meshscope.envoy.resource import CLUSTER, ENDPOINTS, LISTENER, ROUTES
from meshscope.overlay.applied import Applied, named
from meshscope.overlay.change import Change, Kind
from meshscope.overlay.clusters.subset_endpoints import words
from meshscope.overlay.draft import Draft, Json
from meshscope.overlay.patches.changes import differences
from meshscope.overlay.patches.merging import alike

_WHAT = {CLUSTER: "cluster", ROUTES: "route configuration", LISTENER: "listener", ENDPOINTS: "endpoints"}


def changes_of(
    draft: Draft, before: Mapping[tuple[str, str], Json | None], by: Mapping[tuple[str, str], tuple[Applied, ...]]
) -> Iterator[Change]:
    """`before` are the bodies that were there, None for none; `by` are the objects that each differs by."""
    for (kind, name), was in before.items():
        would = draft.body(kind, name)
        if kind not in _WHAT or (was is None and would is None) or (was and would and alike(was, would)):
            continue
        change = Kind.MADE if was is None else Kind.VANISHES if would is None else Kind.CHANGED
        cluster = draft.body(CLUSTER, name), before.get((CLUSTER, name), draft.body(CLUSTER, name))
        found = differences(was, would) if change is Kind.CHANGED else ()
        if kind == ENDPOINTS:
            found = tuple(_of_endpoints(was, would))
            if change is not Kind.CHANGED or None in cluster or not found:
                continue
        resource = draft.client.proxy.resource(kind, name)
        owners = by.get((kind, name), ())
        yield Change(
            proxy=draft.client.name,
            what=_WHAT[kind],
            name=name,
            change=change,
            object=", ".join(str(named(one.item)) for one in owners),
            before=_words(kind, name, draft, was) if was is not None and change is not Kind.CHANGED else None,
            after=_words(kind, name, draft, would) if would is not None and change is not Kind.CHANGED else None,
            differences=found,
            location=owners[0].item.location if owners else None,
            made=resource.location if resource else None,
        )


def _of_endpoints(was: Json, would: Json) -> Iterator[Difference]:
    if sorted(words(was).split(", ")) != sorted(words(would).split(", ")):  # their order says nothing
        yield Difference("endpoints", words(would), words(was))
    sides = [_tls_modes(each or {}) for each in (was, would)]
    for address in sides[0].keys() & sides[1].keys():
        if sides[0][address] != sides[1][address]:
            yield Difference(f"tlsMode of {address}", sides[1][address], sides[0][address])


def _tls_modes(assignment: Json) -> dict[str, str]:
    """By address; "" for an endpoint that takes no mutual TLS."""
    found = {}
    for group in assignment.get("endpoints", ()):
        for each in group.get("lb_endpoints", ()):
            socket = each.get("endpoint", {}).get("address", {}).get("socket_address", {})
            noted = each.get("metadata", {}).get("filter_metadata", {}).get("envoy.transport_socket_match", {})
            found[f"{socket.get('address')}:{socket.get('port_value')}"] = noted.get("tlsMode", "")
    return found


def _leading(chains: Iterable[Json]) -> Iterator[str]:
    """Where filter chains lead: clusters and route configurations."""
    for chain in chains:
        for each in chain.get("filters", ()):
            config = each.get("typed_config", {})
            if isinstance(config.get("cluster"), str):
                yield config["cluster"]
            if table := config.get("rds", {}).get("route_config_name"):
                yield f"routes {table}"


def _words(kind: str, name: str, draft: Draft, body: Json) -> str:
    if kind == CLUSTER:
        assignment = draft.body(ENDPOINTS, name) or body.get("load_assignment")
        return f"{body.get('type', 'STATIC')}, {words(assignment)}" if assignment else str(body.get("type", "STATIC"))
    if kind == ROUTES:
        return ", ".join(str(host.get("name", "")) for host in body.get("virtual_hosts", ()))
    chains = (*body.get("filter_chains", ()), body.get("default_filter_chain") or {})
    return ", ".join(dict.fromkeys(_leading(chains))) or "nothing"
