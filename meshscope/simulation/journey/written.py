"""Where people wrote what ends a path: the field of a manifest that the deciding configuration was made from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec
from msgspec.structs import replace

from meshscope.istio.manifest import Object
from meshscope.istio.owner_text import parse_owner
from meshscope.istio.peer_authentication import GROUP, KIND, mode_of
from meshscope.location import Location
from meshscope.mesh.mesh import Mesh
from meshscope.simulation.trace import Hop, Path, Step, StepKind
from meshscope.simulation.verdict import Truth

STRICT = "(STRICT)"
"""In the reason of a filter chain that a client without TLS does not reach."""
_ROOT_NAMESPACE = "istio-system"
_OF_HTTP_ROUTES = (StepKind.ROUTE, StepKind.CLUSTER, StepKind.HTTP_FILTER)


class Written:
    """Of one mesh, whose manifests are asked."""

    def __init__(self, mesh: Mesh) -> None:
        self._mesh = mesh

    def named(self, paths: Iterable[Path]) -> Iterator[Path]:
        """The paths, with `written` in the steps of those that fail."""
        for path in paths:
            yield path if path.is_well else replace(path, hops=tuple(self._hop(hop, path) for hop in path.hops))

    def _hop(self, hop: Hop, path: Path) -> Hop:
        steps = tuple(self._step(step, hop, path) for step in hop.steps)
        return hop if all(new is old for new, old in zip(steps, hop.steps, strict=True)) else replace(hop, steps=steps)

    def _step(self, step: Step, hop: Hop, path: Path) -> Step:
        if step.kind is StepKind.FILTER_CHAIN and step.verdict is Truth.NO and hop is path.hops[-1]:
            return self._strict(step, hop, path)
        if step.kind is StepKind.HTTP_FILTER and not step.owner:
            step = replace(step, owner=_of_route(step, hop))
        if not step.owner:
            return step
        written = self._place(step, hop)
        return replace(step, written=written) if written else step

    def _strict(self, step: Step, hop: Hop, path: Path) -> Step:
        """The PeerAuthentication that refuses plain text at this port."""
        pod = self._mesh.network.pod_named(hop.proxy)
        port = _port(path)
        if pod is None or not any(STRICT in one.because for one in step.rejected):
            return step
        policies = self._mesh.objects_of(KIND, GROUP)
        mode = mode_of(policies, pod.namespace, pod.labels, port, root=_ROOT_NAMESPACE)
        if mode is None or mode.mode != "STRICT":
            return step
        return replace(step, owner=str(mode.policy), written=mode.policy.location.below(mode.path))

    def _place(self, step: Step, hop: Hop) -> Location | None:
        """The object's, or that of its rule or route."""
        owner = parse_owner(step.owner or "")
        if owner is None:
            return None
        found = (
            item
            for item in self._mesh.objects_of(owner.kind)
            if item.name == owner.name and (item.namespace or "default") == (owner.namespace or "default")
        )
        item = next(found, None)
        if item is None:
            return None
        if owner.part:
            return item.location.below(owner.part)
        if owner.kind == "VirtualService" and step.kind in _OF_HTTP_ROUTES:
            nearest = step.rejected[0].name.partition("] ")[2] if step.rejected else ""
            return _http_route(item, hop.route.name if hop.route else nearest)
        return item.location


def _of_route(step: Step, hop: Hop) -> str | None:
    """The owner of the route on which a filter's settings are."""
    for route in hop.steps:
        if route.kind is StepKind.ROUTE and route.location and step.location:
            path = route.location.path
            if step.location.document is route.location.document and step.location.path[: len(path)] == path:
                return route.owner
    return None


def _http_route(item: Object, name: str) -> Location:
    """The route of that name, which Envoy's bears too (with `.1` … for further matches); else the whole object."""
    body = msgspec.json.decode(item.body)
    routes = body.get("spec", {}).get("http") if isinstance(body, dict) else None
    for index, route in enumerate(routes if isinstance(routes, list) else ()):
        if isinstance(route, dict) and name and route.get("name") == name:
            return item.location.below(("spec", "http", index))
    return item.location


def _port(path: Path) -> int:
    """The container's port at the last hop: that of the endpoint to which the hop before it sends; 0 without one."""
    if len(path.hops) < 2:
        return 0
    addresses = [one.address for one in path.hops[-2].endpoints or ()]
    port = addresses[0].rpartition(":")[2] if addresses else ""
    return int(port) if port.isdigit() else 0
