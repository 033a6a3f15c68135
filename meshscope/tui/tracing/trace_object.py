"""The object behind a line of a trace: the manifest that owns its step, else Envoy's own. No widget in it."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from meshscope.errors import UsageError
from meshscope.istio.owner_text import parse_owner
from meshscope.istio.policy_names import parse_rbac_policy
from meshscope.listing.registry import kind_named
from meshscope.listing.selection import Selection
from meshscope.location import Location
from meshscope.mesh.mesh import Mesh
from meshscope.render.trace.line import Line
from meshscope.simulation.trace import Hop, StepKind
from meshscope.tui.object_start import NO_OBJECT_START, ObjectStart
from meshscope.tui.tracing.trace_view import TraceView


class ObjectName(Struct, frozen=True):
    """A kind as the registry names it, the selection by which `describe` finds the object, and how it is shown at first."""

    kind: str
    selection: Selection
    start: ObjectStart = NO_OBJECT_START


def object_behind(mesh: Mesh, view: TraceView, line: int) -> ObjectName | None:
    """The first that is in the input."""
    return next((name for name in names_behind(view, line) if exists(mesh, name)), None)


def envoy_behind(mesh: Mesh, view: TraceView, line: int) -> ObjectName | None:
    """Envoy's own object of the first step that has one in the input."""
    return next((name for name in names_behind(view, line) if is_of_envoy(name) and exists(mesh, name)), None)


def is_of_envoy(name: ObjectName) -> bool:
    return bool(name.selection.proxy)


def names_behind(view: TraceView, line: int) -> Iterator[ObjectName]:
    for span in view.lines[line].spans:
        yield from _of_owner(span.owner)
    for position in view.positions_behind(line):
        hop, step = view.trace.paths[position.path].hops[position.hop], view.step(position)
        if step is None:
            yield ObjectName("proxies", Selection(name=hop.proxy))
            continue
        lost = _policies_named(view.lines[line])
        for owner in dict.fromkeys((*lost, step.owner or "")):
            yield from _of_owner(owner)
        yield from _of_loser(hop, view.lines[line])
        start = ObjectStart(decider=(*lost, step.owner or "")[0], at=_place(view.lines[line]) or step.location)
        yield from _of_envoy(hop, step.kind, start)


def _of_owner(owner: str) -> Iterator[ObjectName]:
    """`VirtualService default/reviews`."""
    if found := parse_owner(owner):
        name = f"{found.name}.{found.namespace}" if found.namespace else found.name
        yield ObjectName(found.kind.lower(), Selection(name=name), ObjectStart(part=found.part))


def _policies_named(line: Line) -> list[str]:
    """The owners of the authorization policies that a line says why they lost."""
    policies = (parse_rbac_policy(span.text) for span in line.spans)
    return [policy.owner for policy in policies if policy and policy.owner]


def _of_loser(hop: Hop, line: Line) -> Iterator[ObjectName]:
    """The route that a line says why it lost: it stands in the virtual host that was chosen."""
    places = (span.location.path for span in line.spans if span.location and line.label == "not")
    for path in places:
        if path[-2:-1] == ("routes",) and hop.route_config is not None and hop.virtual_host is not None:
            name = f"{hop.route_config}/{hop.virtual_host}/{path[-1]}"
            yield ObjectName("routes", Selection(proxy=hop.proxy, name=name))


def _place(line: Line) -> Location | None:
    """That of what lost."""
    return next((span.location for span in line.spans if span.location), None) if line.label == "not" else None


def _of_envoy(hop: Hop, kind: StepKind, start: ObjectStart) -> Iterator[ObjectName]:
    """A listener is made from no single manifest: it is shown where the step is, with what decides there."""
    if kind in (StepKind.ROUTE, StepKind.WEIGHT) and hop.route is not None:
        parts = (hop.route_config, hop.virtual_host, hop.route.index)
        name = "/".join(str(part) for part in parts if part is not None)
        cluster = hop.cluster or "" if kind is StepKind.WEIGHT else ""
        yield ObjectName("routes", Selection(proxy=hop.proxy, name=name), ObjectStart(cluster=cluster))
    elif kind in (StepKind.ROUTE, StepKind.VIRTUAL_HOST) and hop.route_config:
        yield ObjectName("routes", Selection(proxy=hop.proxy, name=hop.route_config))
    elif kind in (StepKind.CLUSTER, StepKind.ENDPOINT, StepKind.TLS) and hop.cluster:
        yield ObjectName("clusters", Selection(proxy=hop.proxy, name=hop.cluster))
    elif hop.listener:
        yield ObjectName("listeners", Selection(proxy=hop.proxy, name=hop.listener), start)


def exists(mesh: Mesh, name: ObjectName) -> bool:
    from meshscope.listing.describe import describe  # only when an object is opened

    try:
        return describe(mesh, kind_named(name.kind, mesh), name.selection) is not None
    except UsageError:
        return False
