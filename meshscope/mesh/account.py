"""One account of a proxy's configuration, Envoy's own or its istiod's: documents, indexed when first asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from meshscope.envoy.dump import Dump
from meshscope.envoy.reading import node_at_the_start
from meshscope.envoy.resource import Resource
from meshscope.snapshot.snapshot import Captured
from meshscope.xds.node import Node

ENVOY, ISTIOD = "envoy", "istiod"
Indexed = Callable[[], Dump | None]
"""Reads a document into its index; None where it cannot be read, which it has told by then."""


class Account:
    """Documents are added while a mesh is loaded; nothing changes after the first question."""

    def __init__(self) -> None:
        self._parts: list[tuple[Captured, Indexed]] = []

    def add(self, captured: Captured, indexed: Indexed) -> None:
        self._parts.append((captured, indexed))

    @property
    def captured(self) -> tuple[Captured, ...]:
        return tuple(captured for captured, _ in self._parts)

    @property
    def captured_at(self) -> str:
        return max((captured.captured_at for captured in self.captured), default="")

    @cached_property
    def dumps(self) -> tuple[Dump, ...]:
        return tuple(dump for _, indexed in self._parts if (dump := indexed()) is not None)

    @cached_property
    def node(self) -> Node | None:
        """Who it is about. Where the first document begins with it, as Envoy's own do, nothing is indexed for that."""
        first = node_at_the_start(self._parts[0][0].document) if self._parts else None
        return first or next((dump.node for dump in self.dumps if dump.node), None)

    @cached_property
    def by_kind(self) -> dict[str, tuple[Resource, ...]]:
        """Kinds with evidence. Of several documents that speak of a kind the last given counts, as it was captured last;
        partial ones add up."""
        found: dict[str, tuple[Resource, ...]] = {}
        partial: set[str] = set()
        for dump in self.dumps:
            held: dict[str, list[Resource]] = {kind: [] for kind in dump.evidence}
            for resource in dump.resources:
                held.setdefault(resource.kind, []).append(resource)
            for kind, resources in held.items():
                before = found.get(kind, ()) if dump.is_partial and kind in partial else ()
                found[kind] = (*before, *resources)
                (partial.add if dump.is_partial else partial.discard)(kind)
        return found

    def knows_all(self, kind: str) -> bool:
        """Whether what is not listed of a kind is known not to be there."""
        return kind in self.by_kind and not any(kind in dump.open_kinds for dump in self.dumps)


NOTHING = Account()
"""The account of a proxy of which no configuration was captured."""
