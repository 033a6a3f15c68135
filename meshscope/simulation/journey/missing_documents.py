"""Documents of the proxies on a trace's way that were requested and not captured, though the trace depends on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from meshscope.mesh.mesh import Mesh
from meshscope.simulation.trace import Path
from meshscope.snapshot.snapshot import Captured, Problem

DECIDING = frozenset({"config_dump", "clusters", "certs", "server_info", "runtime", "debug/ndsz"})
"""Kinds of documents of a proxy that decide a trace."""


class MissingDocuments:
    """By mesh cluster and proxy. Empty where everything was captured, and then an answer pays nothing for it."""

    def __init__(self, mesh: Mesh) -> None:
        self._problems: dict[tuple[str, str], list[Problem]] = defaultdict(list)
        for captured in mesh.snapshot.captured:
            document, owner = captured.document, captured.owner
            if document.failure and owner and captured.kind in DECIDING:
                message = f"{_description(captured)} of {owner} was not captured: {document.failure}"
                self._problems[(owner.mesh_cluster, str(owner))].append(Problem(document.name, message))

    def on(self, paths: Iterable[Path]) -> tuple[Problem, ...]:
        """One for each document, in the order of the proxies on the way."""
        if not self._problems:
            return ()
        proxies = dict.fromkeys((hop.mesh_cluster or "", hop.proxy) for path in paths for hop in path.hops)
        return tuple(problem for proxy in proxies for problem in self._problems.get(proxy, ()))


def _description(captured: Captured) -> str:
    """The document's kind; of a dump that was requested in parts the part."""
    last = captured.document.name.rpartition("/")[2]
    return last if "?resource=" in last or "?mask=" in last else captured.kind.removeprefix("debug/")
