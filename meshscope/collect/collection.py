"""The collection of one source: captured documents, failures with their reasons, progress.

A document that could not be captured is kept with its owner and its error: a recording names it, and a later run requests it
again.
"""

from __future__ import annotations

from asyncio import Semaphore
from collections.abc import Callable, Collection

from msgspec import Struct

from meshscope.collect.client import DocumentClient, HttpResponse
from meshscope.collect.live import Live
from meshscope.collect.spool import Spool, StoredBody
from meshscope.location import Document
from meshscope.snapshot.cleaning import CleanedDocument
from meshscope.snapshot.snapshot import Captured, Problem, ProxyId, Snapshot
from meshscope.work import UNFOLLOWED, Work

CANCELLED = "cancelled before it was requested"
OK, NOT_FOUND = 200, 404


class DocumentRequest(Struct, frozen=True):
    """A document: its path at the server, its kind and its owner.

    Most documents are JSON, and plain text is an error message; `may_be_text` marks the others.
    """

    path: str
    kind: str
    owner: ProxyId | None = None
    istiod: str = ""
    may_be_text: bool = False


class Progress:
    """The number of documents that a run requests, over all its sources, and how many are settled: captured or failed."""

    def __init__(self, work: Work = UNFOLLOWED) -> None:
        self._work = work
        self._done = self._total = 0

    def expect(self, documents: int) -> None:
        """Adds documents that will be requested."""
        self._total += documents
        self._report()

    def finish(self, documents: int = 1) -> None:
        """Settles documents."""
        self._done += documents
        self._report()

    def _report(self) -> None:
        if self._work.progress is not None:
            self._work.progress(self._done, self._total)

    @property
    def missing(self) -> int:
        """Expected documents that are not settled yet."""
        return self._total - self._done

    @property
    def is_cancelled(self) -> bool:
        return self._work.cancelled is not None and self._work.cancelled()


class CollectionRun:
    """What all sources of a run share. `servers` bounds the number of servers in use at once.

    Documents that `earlier`, an earlier snapshot, contains are not requested again.
    """

    def __init__(self, live: Live, progress: Progress, spool: Spool, earlier: Snapshot | None = None) -> None:
        self.live, self.progress, self.spool = live, progress, spool
        self.earlier = earlier or Snapshot()
        self.servers = Semaphore(live.concurrency)


class SourceCollection:
    """`source` is as the user typed it; `mesh_cluster` is its mesh cluster's name, or ""."""

    def __init__(self, run: CollectionRun, source: str, mesh_cluster: str = "") -> None:
        self.live, self.progress, self.spool = run.live, run.progress, run.spool
        self.source = source
        self.mesh_cluster = mesh_cluster
        self.servers = run.servers
        self._earlier: dict[tuple[str, ProxyId | None, str], list[Captured]] = {}
        for one in run.earlier.captured:
            self._earlier.setdefault((one.kind, one.owner, one.istiod), []).append(one)
        self._captured: list[Captured] = []
        self._problems: list[Problem] = []
        self._unreachable: tuple[str, ...] = ()

    def proxy_id(self, namespace: str, name: str) -> ProxyId:
        return ProxyId(self.mesh_cluster, namespace, name)

    async def get(self, client: DocumentClient, path: str) -> HttpResponse:
        """One request, counted as finished. Nothing is sent once the run is cancelled."""
        response = HttpResponse(error=CANCELLED) if self.progress.is_cancelled else await client.get(path)
        self.progress.finish()
        return response

    async def fetch(
        self,
        client: DocumentClient,
        request: DocumentRequest,
        *,
        absent: Collection[int] = (NOT_FOUND,),
        explain: Callable[[HttpResponse], str] = lambda response: response.failure,
    ) -> HttpResponse | None:
        """Requests a document and stores it, or records why it failed; None if an earlier run has it.

        A status among `absent` means that the server has no such document, which is no failure.
        """
        if self.reuse(request):
            self.progress.finish()
            return None
        response = await self.get(client, request.path)
        if not self.store(client, request, response) and response.status not in absent:
            self.record_failure(client, request, explain(response))
        return response

    def reuse(self, request: DocumentRequest) -> bool:
        """Takes the document from the earlier run if all its parts are there; whether they are."""
        parts = self._earlier.get((request.kind, request.owner, request.istiod), [])
        if not parts or any(one.document.failure for one in parts):
            return False
        self._captured.extend(parts)
        return True

    def store(self, client: DocumentClient, request: DocumentRequest, response: HttpResponse) -> bool:
        """Stores the response if it is the requested document; whether it is."""
        if response.error or response.body is None or not (response.is_json or request.may_be_text):
            return False
        self.add(client.name + request.path, response.body, request)
        return True

    def add(self, name: str, body: StoredBody, request: DocumentRequest) -> None:
        self._captured.append(self._record(CleanedDocument(name, body.load), request))

    def record_failure(self, client: DocumentClient, request: DocumentRequest, why: str) -> None:
        """Notes that the document was requested and not captured."""
        self._captured.append(self._record(Document.lost(client.name + request.path, why), request))

    def _record(self, document: Document, request: DocumentRequest) -> Captured:
        now = self.live.now()
        return Captured(document, request.kind, request.owner, request.istiod, now, self.source, self.mesh_cluster)

    def add_problem(self, name: str, message: str) -> None:
        self._problems.append(Problem(name, message))

    @property
    def is_empty(self) -> bool:
        return all(one.document.failure for one in self._captured)

    def give_up(self, why: str) -> None:
        """Notes in one line that the source gives no document, in place of a line for each document that it lacks."""
        self._captured = []
        self._unreachable = (why,)
        self.add_problem("", why)

    @property
    def first_failure(self) -> str:
        """The first error of a source that gave no document."""
        errors = (*(one.document.failure for one in self._captured), *(one.message for one in self._problems))
        return next(filter(None, errors), "no document was captured")

    def snapshot(self) -> Snapshot:
        """Everything captured so far. The order depends on the documents alone, not on which server was faster."""
        ordered = tuple(sorted(self._captured, key=_order))
        problems = tuple(sorted(self._problems, key=lambda problem: (problem.document, problem.message)))
        latest = max((one.captured_at for one in ordered), default="")
        return Snapshot(ordered, problems, (self.source,), latest, unreachable=self._unreachable)


def _order(one: Captured) -> tuple[str, ...]:
    owner = one.owner or ProxyId("", "", "")
    return (one.istiod, owner.namespace, owner.name, one.kind, one.document.name)
