"""What was asked for and did not come, of the proxies on a trace's way: what it would have been decided by as well."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from meshscope.mesh.mesh import Mesh
from meshscope.simulation.trace import Path
from meshscope.snapshot.snapshot import Captured, Problem

DECIDING = frozenset({"config_dump", "clusters", "certs", "server_info", "runtime", "debug/ndsz"})
"""Documents of a proxy that a trace asks."""


class MissingDocuments:
    """By mesh cluster and proxy. It holds nothing where everything came, and then costs an answer nothing."""

    def __init__(self, mesh: Mesh) -> None:
        self._lost: dict[tuple[str, str], list[Problem]] = defaultdict(list)
        for captured in mesh.snapshot.captured:
            document, owner = captured.document, captured.owner
            if document.failure and owner and captured.kind in DECIDING:
                message = f"{_what(captured)} of {owner} did not come: {document.failure}"
                self._lost[(owner.mesh_cluster, str(owner))].append(Problem(document.name, message))

    def on(self, paths: Iterable[Path]) -> tuple[Problem, ...]:
        """One for each document, in the order in which the proxies are met."""
        if not self._lost:
            return ()
        met = dict.fromkeys((hop.mesh_cluster or "", hop.proxy) for path in paths for hop in path.hops)
        return tuple(problem for proxy in met for problem in self._lost.get(proxy, ()))


def _what(captured: Captured) -> str:
    """Its kind; of a dump that came part by part the part."""
    last = captured.document.name.rpartition("/")[2]
    return last if "?resource=" in last or "?mask=" in last else captured.kind.removeprefix("debug/")
