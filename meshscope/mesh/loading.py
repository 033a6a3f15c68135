"""From captured documents to proxies, manifests and answers: each is recognised and given to its owner."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from msgspec import Raw

from meshscope.envoy.dump import Dump
from meshscope.envoy.reading import is_dump_text, read_dump, read_whole, unwrapped
from meshscope.location import Document
from meshscope.mesh.account import ENVOY, ISTIOD, Account
from meshscope.mesh.bodies import Bodies
from meshscope.mesh.proxy import Answer, Proxy
from meshscope.mesh.proxy_documents import folder, identity
from meshscope.mesh.recognise import CONFIG, recognised
from meshscope.path import Path
from meshscope.snapshot.json_text import GarbledError, values_of
from meshscope.snapshot.snapshot import Captured, Problem, ProxyId, Snapshot

BESIDE_A_PROXY = frozenset({
    "clusters", "listeners", "server_info", "certs", "stats", "runtime", "memory", "init_dump", "debug/sidecarz", "debug/ndsz",
})  # fmt: skip

VIEWS = {"config_dump": ENVOY, "istiod_config_dump": ISTIOD, "istiod_edsz": ISTIOD}
"""Kinds of a recording's manifest that tell whose account a document is."""


class Loaded:
    """What a snapshot turned out to hold. `problems` grows while documents are indexed that were not asked for before."""

    def __init__(self) -> None:
        self.proxies: tuple[Proxy, ...] = ()
        self.manifests: list[Answer] = []
        self.answers: list[Answer] = []
        self.problems: list[Problem] = []


def load(
    snapshot: Snapshot,
    bodies: Bodies,
    view: str,
    progress: Callable[[int, int], None] | None,
    cancelled: Callable[[], bool] | None,
) -> Loaded:
    """Sort the documents. What a cancelled run has not come to is left out, and a problem says so."""
    sorting = _Sorting(bodies, view)
    for index, captured in enumerate(snapshot.captured):
        if cancelled and cancelled():
            left = len(snapshot.captured) - index
            sorting.loaded.problems.append(Problem("", f"cancelled: {left} documents were not looked at"))
            break
        sorting.take(captured)
        if progress:
            progress(index + 1, len(snapshot.captured))
    return sorting.done()


class _Sorting:
    def __init__(self, bodies: Bodies, view: str) -> None:
        self.bodies = bodies
        self.view = view
        self.loaded = Loaded()
        self.proxies: dict[ProxyId, Proxy] = {}
        self.folders: dict[str, set[ProxyId]] = defaultdict(set)
        self.beside: list[Answer] = []
        self.renamed: dict[ProxyId, ProxyId] = {}
        self.bare: list[tuple[ProxyId, Captured, Dump]] = []

    def take(self, captured: Captured) -> None:
        if captured.document.failure:
            self._lost(captured)
        elif captured.owner and captured.kind in VIEWS:
            self._known(captured, captured.owner, VIEWS[captured.kind])
        else:
            self._recognise(captured)

    def _lost(self, captured: Captured) -> None:
        """What was asked for and did not come is no account of anything; its proxy is there all the same."""
        if captured.owner and captured.kind != "ztunnel":
            self._proxy(captured.owner).lost.add(captured.kind)

    def _recognise(self, captured: Captured) -> None:
        kind, values, problem = recognised(captured)
        if problem:
            self.loaded.problems.append(problem)
        elif kind in CONFIG and captured.istiod and not captured.owner:
            self.loaded.answers.append(Answer(captured, "debug/edsz"))  # an old Pilot's, of no single proxy
        elif kind in CONFIG:
            dumps, problems = read_dumps(captured.document, values)
            self.loaded.problems.extend(problems)
            for wrapper, dump in dumps:
                self._dump(captured, dump, wrapper)
        elif kind in BESIDE_A_PROXY:
            self.beside.append(Answer(captured, kind))
        elif kind == "manifests":
            self.loaded.manifests.append(Answer(captured, kind))
        elif kind:
            self.loaded.answers.append(Answer(captured, kind))
        elif captured.document.name == captured.source:
            message = "no document that Envoy, Istio or Kubernetes writes"
            self.loaded.problems.append(Problem(captured.document.name, message))

    def _known(self, captured: Captured, owner: ProxyId, view: str) -> None:
        """A recording's manifest tells all that is needed to place a document: it is indexed when it is asked for."""

        def indexed() -> Dump | None:
            dumps, problems = read_dumps(captured.document, ())
            self.loaded.problems.extend(problems)
            return dumps[0][1] if dumps else None

        self._account(owner, view).add(captured, indexed)
        self.folders[folder(captured)].add(owner)

    def _dump(self, captured: Captured, dump: Dump, wrapper: Path) -> None:
        owner = identity(captured, dump.node, wrapper)
        if captured.owner and captured.owner != owner:
            self.renamed[captured.owner] = owner  # the node knows better than the folder, for its neighbours too
        view = ISTIOD if captured.istiod or dump.is_control_planes_view else ENVOY
        if dump.is_bare_endpoints:
            self.bare.append((owner, captured, dump))
            self._proxy(owner)
        else:
            self._account(owner, view).add(captured, lambda: dump)
        self.folders[folder(captured)].add(owner)

    def _bare_endpoints(self, owner: ProxyId, captured: Captured, dump: Dump) -> None:
        """Old Pilots answer /debug/edsz with a bare list, which looks like istioctl's: it is of the view beside it."""
        view = ISTIOD if captured.istiod or ISTIOD in self._proxy(owner).accounts else ENVOY
        self._account(owner, view).add(captured, lambda: dump)

    def _account(self, owner: ProxyId, view: str) -> Account:
        return self._proxy(owner).accounts.setdefault(view, Account())

    def _proxy(self, owner: ProxyId) -> Proxy:
        if owner not in self.proxies:
            self.proxies[owner] = Proxy(owner, self.bodies, self.view)
        return self.proxies[owner]

    def done(self) -> Loaded:
        for owner, captured, dump in self.bare:
            self._bare_endpoints(owner, captured, dump)
        for answer in self.beside:
            self._beside(answer)
        self.loaded.proxies = tuple(sorted(self.proxies.values(), key=lambda proxy: proxy.id))
        return self.loaded

    def _beside(self, answer: Answer) -> None:
        """A document that does not name its proxy: the layout, the only dump beside it, or the only proxy there is."""
        captured = answer.captured
        near = self.folders.get(folder(captured), set())
        owner = captured.owner or next(iter(near if len(near) == 1 else ()), None)
        owner = self.renamed.get(owner, owner) if owner else None
        if owner is None and len(self.proxies) <= 1:
            owner = next(iter(self.proxies), None) or identity(captured, None)
        if owner is None:
            message = f"whose {answer.kind} these are cannot be told: put the file beside its proxy's config_dump"
            self.loaded.problems.append(Problem(captured.document.name, message))
        else:
            self._proxy(owner).answers[answer.kind] = answer


def read_dumps(document: Document, values: tuple[Raw, ...]) -> tuple[list[tuple[Path, Dump]], list[Problem]]:
    """The dumps of a document, each with the names around it; `values` are empty where the text was not read yet."""
    if not values and is_dump_text(document.body) and (whole := read_whole(document)) is not None:
        return [((), whole)], list(whole.problems)
    try:
        values = values or values_of(document)
    except GarbledError as garbled:
        return [], [Problem(document.name, f"not readable: {garbled}")]
    dumps: list[tuple[Path, Dump]] = []
    problems: list[Problem] = []
    for index, value in enumerate(values):
        start = (index,) if len(values) > 1 else ()
        for path, body in unwrapped(value):
            dump = read_dump(document, body, (*start, *path))
            problems.extend(dump.problems)
            if dump.resources or dump.evidence:
                dumps.append((path, dump))
    return dumps, problems
