"""Bootstrap files that Envoy refuses as a whole, for a field that it does not know: what they say is in use nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from meshscope.envoy.dump import Dump
from meshscope.envoy.resource import BOOTSTRAP
from meshscope.mesh.mesh import Mesh
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.trace import Hop, Path

MOST_NAMED = 3


class RefusedFiles:
    """By proxy. What an Envoy dumped itself costs nothing."""

    def __init__(self, mesh: Mesh) -> None:
        self._mesh = mesh
        self._known: dict[tuple[str, str], tuple[str, ...]] = {}

    def doubted(self, paths: Iterable[Path]) -> Iterator[Path]:
        """The paths, with the assumption that each file on the way is accepted."""
        for path in paths:
            doubts = tuple(dict.fromkeys(doubt for hop in path.hops for doubt in self._of(hop)))
            yield _doubted(path, doubts) if doubts else path

    def _of(self, hop: Hop) -> tuple[str, ...]:
        key = (hop.mesh_cluster or "", hop.proxy)
        if key not in self._known:
            proxies = (one for one in self._mesh.proxies if (one.id.mesh_cluster, one.name) == key)
            self._known[key] = tuple(doubt for proxy in proxies for dump in proxy.account.dumps for doubt in _in(dump))
        return self._known[key]


def _in(dump: Dump) -> Iterator[str]:
    if dump.has_sections or not dump.of_kind(BOOTSTRAP):
        return
    from meshscope.envoy.unknown_fields import unknown_fields  # only for files

    places: dict[str, list[str]] = {}
    for one in unknown_fields(dump):
        places.setdefault(one.fault, []).append(one.path)
    for fault, paths in list(places.items())[:MOST_NAMED]:
        more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
        yield f"Envoy accepts {dump.document.name}: it refuses unknown fields, and {fault}: {paths[0]}{more}"


def _doubted(path: Path, doubts: tuple[str, ...]) -> Path:
    is_known = path.disposition is not Disposition.UNKNOWN
    return replace(
        path,
        disposition=Disposition.UNKNOWN,
        response=None,
        assuming=(*doubts, *path.assuming),
        if_passed=path.disposition if is_known else path.if_passed,
    )
