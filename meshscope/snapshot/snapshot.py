"""Captured documents with their owners, and problems of the capture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from msgspec import Struct

from meshscope.location import Document
from meshscope.typed import Typed


class ProxyId(Typed, frozen=True, order=True):
    """A proxy's identity over a whole snapshot. `namespace` is "" for a plain Envoy, `mesh_cluster` where there is one."""

    mesh_cluster: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.name}.{self.namespace}" if self.namespace else self.name


class Problem(Struct, frozen=True):
    """Something that could not be read, and why; `document` is "" where it concerns the whole source."""

    document: str
    message: str


class Captured(Struct, frozen=True):
    """One document with the facts that its source gives.

    `kind` is that of a recording's manifest ("": the content decides), `owner` that of a manifest or a known layout (the
    content wins), `istiod` the control plane's pod that answered. `captured_at` is RFC 3339 in UTC or "".
    """

    document: Document
    kind: str = ""
    owner: ProxyId | None = None
    istiod: str = ""
    captured_at: str = ""
    source: str = ""
    mesh_cluster: str = ""


class Snapshot(Struct, frozen=True):
    """Documents of one moment. Live and recorded sources give the same; no other room knows which it was.

    `replaced` is how many values a redaction has replaced so far, by kind; empty where nothing was redacted.
    `unreachable` has a line for each live source that gave no document; it is among the problems, too.
    """

    captured: tuple[Captured, ...] = ()
    problems: tuple[Problem, ...] = ()
    sources: tuple[str, ...] = ()
    captured_at: str = ""
    replaced: Mapping[str, int] = {}
    unreachable: tuple[str, ...] = ()

    def __add__(self, other: Snapshot) -> Snapshot:
        """Sources add up: a dump and a folder of manifests are one snapshot."""
        return Snapshot(
            self.captured + other.captured,
            self.problems + other.problems,
            self.sources + other.sources,
            max(self.captured_at, other.captured_at),
            Counter(self.replaced) + Counter(other.replaced),
            self.unreachable + other.unreachable,
        )


def joined(snapshots: Iterable[Snapshot]) -> Snapshot:
    return sum(snapshots, Snapshot())
