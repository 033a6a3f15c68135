"""One source being asked: what came, what did not and why, how far it is.

A document that could not be had is kept too, with its owner and its error: a recording names it, and a later run asks for it
again.
"""

from __future__ import annotations

from asyncio import Semaphore
from collections.abc import Callable, Collection

from msgspec import Struct

from meshscope.collect.client import Answer, Asker
from meshscope.collect.live import Live
from meshscope.collect.spool import Spool, Stored
from meshscope.location import Document
from meshscope.snapshot.cleaning import CleanedDocument
from meshscope.snapshot.member import Watch
from meshscope.snapshot.snapshot import Captured, Problem, ProxyId, Snapshot

CANCELLED = "cancelled before it was asked"
NOT_FOUND = 404


class Wanted(Struct, frozen=True):
    """A document: where to ask for it, what it is then, and whose. Most are JSON, and a text is an error's message."""

    path: str
    kind: str
    owner: ProxyId | None = None
    istiod: str = ""
    may_be_text: bool = False


class Tally:
    """How many documents a run asks for, all its sources together, and how many of them came or will not."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._done = self._total = 0

    def expect(self, documents: int) -> None:
        """That many more will be asked for."""
        self._total += documents
        self._tell()

    def finished(self, documents: int = 1) -> None:
        self._done += documents
        self._tell()

    def _tell(self) -> None:
        if self._watch.progress is not None:
            self._watch.progress(self._done, self._total)

    @property
    def missing(self) -> int:
        """Documents that were asked for, or would have been, and did not come yet."""
        return self._total - self._done

    @property
    def is_cancelled(self) -> bool:
        return self._watch.cancelled is not None and self._watch.cancelled()


class Run:
    """What all sources of a run have in common: `servers` bounds how many servers are asked at once.

    What `known`, an earlier snapshot, has is not asked for again.
    """

    def __init__(self, live: Live, tally: Tally, spool: Spool, known: Snapshot | None = None) -> None:
        self.live, self.tally, self.spool = live, tally, spool
        self.known = known or Snapshot()
        self.servers = Semaphore(live.concurrency)


class Errand:
    """`source` as the user typed it; `mesh_cluster` is the name it was given, or ""."""

    def __init__(self, run: Run, source: str, mesh_cluster: str = "") -> None:
        self.live, self.tally, self.spool = run.live, run.tally, run.spool
        self.source = source
        self.mesh_cluster = mesh_cluster
        self.servers = run.servers
        self._known: dict[tuple[str, ProxyId | None, str], list[Captured]] = {}
        for one in run.known.captured:
            self._known.setdefault((one.kind, one.owner, one.istiod), []).append(one)
        self._captured: list[Captured] = []
        self._problems: list[Problem] = []

    def proxy(self, namespace: str, name: str) -> ProxyId:
        return ProxyId(self.mesh_cluster, namespace, name)

    async def get(self, asker: Asker, path: str) -> Answer:
        """One request, counted; none once the run is cancelled."""
        answer = Answer(error=CANCELLED) if self.tally.is_cancelled else await asker.get(path)
        self.tally.finished()
        return answer

    async def take(
        self,
        asker: Asker,
        wanted: Wanted,
        *,
        absent: Collection[int] = (NOT_FOUND,),
        explained: Callable[[Answer], str] = lambda answer: answer.said,
    ) -> Answer | None:
        """Asks for a document and keeps it, or why it did not come; None where an earlier run has it.

        A status among `absent` says that the server has no such document, which is no loss.
        """
        if self.recall(wanted):
            self.tally.finished()
            return None
        answer = await self.get(asker, wanted.path)
        if not self.keep(asker, wanted, answer) and answer.status not in absent:
            self.lose(asker, wanted, explained(answer))
        return answer

    def recall(self, wanted: Wanted) -> bool:
        """Whether an earlier run has it, and all parts of it; then it is taken from there."""
        found = self._known.get((wanted.kind, wanted.owner, wanted.istiod), [])
        if not found or any(one.document.failure for one in found):
            return False
        self._captured.extend(found)
        return True

    def keep(self, asker: Asker, wanted: Wanted, answer: Answer) -> bool:
        """Whether the answer is what was wanted; then it is kept."""
        if answer.error or answer.stored is None or not (answer.is_json or wanted.may_be_text):
            return False
        self.add(asker.name + wanted.path, answer.stored, wanted)
        return True

    def add(self, name: str, stored: Stored, wanted: Wanted) -> None:
        self._captured.append(self._one(CleanedDocument(name, stored.load), wanted))

    def lose(self, asker: Asker, wanted: Wanted, why: str) -> None:
        """It was asked for, and did not come."""
        self._captured.append(self._one(Document.lost(asker.name + wanted.path, why), wanted))

    def _one(self, document: Document, wanted: Wanted) -> Captured:
        now = self.live.now()
        return Captured(document, wanted.kind, wanted.owner, wanted.istiod, now, self.source, self.mesh_cluster)

    def problem(self, name: str, message: str) -> None:
        self._problems.append(Problem(name, message))

    @property
    def is_empty(self) -> bool:
        return all(one.document.failure for one in self._captured)

    @property
    def why_empty(self) -> str:
        """The first error, for a source of which nothing came."""
        errors = (*(one.document.failure for one in self._captured), *(one.message for one in self._problems))
        return next(filter(None, errors), "nothing came")

    def snapshot(self) -> Snapshot:
        """Everything so far; the same answers give the same order, whichever server was faster."""
        ordered = tuple(sorted(self._captured, key=_order))
        problems = tuple(sorted(self._problems, key=lambda problem: (problem.document, problem.message)))
        latest = max((one.captured_at for one in ordered), default="")
        return Snapshot(ordered, problems, (self.source,), latest)


def _order(one: Captured) -> tuple[str, ...]:
    owner = one.owner or ProxyId("", "", "")
    return (one.istiod, owner.namespace, owner.name, one.kind, one.document.name)
