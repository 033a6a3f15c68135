"""One view of a proxy's configuration, Envoy's own or its istiod's: documents, indexed at the first question."""

from __future__ import annotations

from collections.abc import Iterable

from meshscope.envoy.dump import Dump
from meshscope.envoy.reading import node_at_the_start, read_document
from meshscope.envoy.resource import Resource
from meshscope.once import once
from meshscope.snapshot.snapshot import Captured, Problem
from meshscope.xds.node import Node

ENVOY, ISTIOD = "envoy", "istiod"
CONFIG = frozenset({"config_dump", "bootstrap", "xds", "istiod_config_dump", "istiod_edsz"})
"""Kinds of documents that an account is made of."""
MARKDOWN = "markdown"
"""A text whose code blocks are documents."""


class AccountDocument:
    """A document of an account. `dump` is given where the document was indexed to recognise it."""

    def __init__(self, captured: Captured, dump: Dump | None = None) -> None:
        self.captured = captured
        self._given = dump

    @once
    def _indexed(self) -> tuple[Dump | None, tuple[Problem, ...]]:
        if self._given is not None:
            return self._given, ()
        dumps, problems = read_document(self.captured.document)
        return (dumps[0][1] if dumps else None), tuple(problems)

    def read(self) -> None:
        """Indexes the document, unless that is done."""
        _ = self._indexed

    @property
    def dump(self) -> Dump | None:
        """None where the document cannot be read; then `problems` say why."""
        return self._indexed[0]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Problems of the indexing; none before it."""
        return self._indexed[1] if "_indexed" in vars(self) else ()


class Account:
    """Of several documents that cover a kind the last one counts, as it was captured last; partial ones add up."""

    def __init__(self, documents: Iterable[AccountDocument] = ()) -> None:
        self.documents = tuple(documents)

    @property
    def captured(self) -> tuple[Captured, ...]:
        return tuple(document.captured for document in self.documents)

    @property
    def captured_at(self) -> str:
        return max((captured.captured_at for captured in self.captured), default="")

    @once
    def dumps(self) -> tuple[Dump, ...]:
        return tuple(dump for document in self.documents if (dump := document.dump) is not None)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Problems of the documents that are indexed so far."""
        return tuple(problem for document in self.documents for problem in document.problems)

    @once
    def node(self) -> Node | None:
        """The proxy that the account describes. Nothing is indexed where the first document starts with its node."""
        first = node_at_the_start(self.documents[0].captured.document) if self.documents else None
        return first or next((node for dump in self.dumps if (node := dump.node)), None)

    @once
    def by_kind(self) -> dict[str, tuple[Resource, ...]]:
        """Resources of each kind with evidence."""
        by_kind: dict[str, tuple[Resource, ...]] = {}
        partial: set[str] = set()
        for dump in self.dumps:
            of_dump: dict[str, list[Resource]] = {kind: [] for kind in dump.evidence}
            for resource in dump.resources:
                of_dump.setdefault(resource.kind, []).append(resource)
            for kind, resources in of_dump.items():
                before = by_kind.get(kind, ()) if dump.is_partial and kind in partial else ()
                by_kind[kind] = (*before, *resources)
                (partial.add if dump.is_partial else partial.discard)(kind)
        return by_kind

    def knows_all(self, kind: str) -> bool:
        """Whether a resource of the kind that is not listed is known not to exist."""
        return kind in self.by_kind and not any(kind in dump.open_kinds for dump in self.dumps)


NO_ACCOUNT = Account()
"""The account of a proxy whose configuration was not captured."""
