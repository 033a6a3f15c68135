"""Where people wrote what ends a path: the field of a manifest that the deciding configuration was made from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from meshscope.istio import request_authentication
from meshscope.istio.manifest import Object
from meshscope.istio.owner_text import parse_owner
from meshscope.istio.peer_authentication import GROUP, KIND, mode_of
from meshscope.location import Location
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.root_namespace import DEFAULT, root_namespace
from meshscope.simulation.http_filters.jwt.blame import issuers_in
from meshscope.simulation.trace import Hop, Path, Step, StepKind
from meshscope.simulation.verdict import Truth
from meshscope.untyped import untyped

STRICT = "(STRICT)"
"""In the reason of a filter chain that a client without TLS does not reach."""
_OF_HTTP_ROUTES = (StepKind.ROUTE, StepKind.CLUSTER, StepKind.HTTP_FILTER)


class Written:
    """Of one mesh, whose manifests are asked. `assumption` is what was taken for granted to find an object, "" for nothing."""

    def __init__(self, mesh: Mesh) -> None:
        self._mesh = mesh
        self.assumption = ""

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
            if step.verdict is Truth.NO and (issuers := issuers_in(step.because)):
                return self._tokens(step, hop, issuers)
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
        mode = mode_of(policies, pod.namespace, pod.labels, port, root=self._root)
        if mode is None or mode.mode != "STRICT":
            return step
        return self._by(step, mode.policy, mode.path, pod.namespace)

    def _tokens(self, step: Step, hop: Hop, issuers: Iterable[str]) -> Step:
        """The RequestAuthentication whose issuer's token is not there, or not valid."""
        pod = self._mesh.network.pod_named(hop.proxy)
        if pod is None:
            return step
        policies = tuple(self._mesh.objects_of(request_authentication.KIND, request_authentication.GROUP))
        rules = (
            request_authentication.rule_of(policies, pod.namespace, pod.labels, issuer, root=self._root)
            for issuer in issuers
        )
        rule = next(filter(None, rules), None)
        return self._by(step, rule.policy, rule.path, pod.namespace) if rule else step

    @property
    def _root(self) -> str:
        return root_namespace(self._mesh) or DEFAULT

    def _by(self, step: Step, policy: Object, path: Iterable[str | int], namespace: str) -> Step:
        """The step with the policy of a workload in the namespace, and where it is written."""
        if policy.namespace not in ("", namespace) and root_namespace(self._mesh) is None:
            self.assumption = f"the root namespace is {DEFAULT} (no mesh configuration in this input)"
        return replace(step, owner=str(policy), written=policy.location.below(path))

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
    body = untyped(item.body)
    spec = body.get("spec") if isinstance(body, dict) else None
    routes = spec.get("http") if isinstance(spec, dict) else None
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
