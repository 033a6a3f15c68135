"""Refused updates of what a trace went through, and of what it missed: the configuration that was meant is not in use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from meshscope.envoy.resource import CLUSTER, LISTENER, ROUTES
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.refusals import Refusal, refusals
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.trace import Hop, Path
from meshscope.snapshot.snapshot import Problem

_MISSED = {
    Disposition.NO_LISTENER: LISTENER,
    Disposition.NO_FILTER_CHAIN: LISTENER,
    Disposition.NO_CLUSTER: CLUSTER,
    Disposition.NO_VIRTUAL_HOST: ROUTES,
    Disposition.NO_ROUTE: ROUTES,
}
"""What the last proxy lacks, by how the path ends."""


class RefusedUpdate(Problem, frozen=True):
    """An update that an Envoy refused."""


class RefusedUpdates:
    """By proxy. An answer pays nothing for proxies that refused nothing."""

    def __init__(self, mesh: Mesh) -> None:
        self._mesh = mesh
        self._known: dict[tuple[str, str], tuple[Refusal, ...]] = {}

    def on(self, paths: Iterable[Path]) -> tuple[RefusedUpdate, ...]:
        found = (one for path in paths for one in self._on(path))
        return tuple(dict.fromkeys(RefusedUpdate(one.location.document.name, str(one)) for one in found))

    def _on(self, path: Path) -> Iterator[Refusal]:
        for number, hop in enumerate(path.hops):
            ends = path.if_passed if path.disposition is Disposition.UNKNOWN else path.disposition
            missed = _MISSED.get(Disposition(ends)) if ends and number == len(path.hops) - 1 else None
            names = {LISTENER: hop.listener, ROUTES: hop.route_config, CLUSTER: hop.cluster}
            for one in self._of(hop):
                if one.name == names[one.kind] or (one.kind == missed and names[missed] in (None, one.name)):
                    yield one

    def _of(self, hop: Hop) -> tuple[Refusal, ...]:
        key = (hop.mesh_cluster or "", hop.proxy)
        if key not in self._known:
            proxies = (one for one in self._mesh.proxies if (one.id.mesh_cluster, one.name) == key)
            proxy = next(proxies, None)
            kinds = (LISTENER, ROUTES, CLUSTER)
            self._known[key] = tuple(one for kind in kinds for one in refusals(proxy, kind)) if proxy else ()
        return self._known[key]
