"""From captured documents to proxies, manifests and answers: each is recognised and given to its owner."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from msgspec import Raw

from meshscope.envoy.dump import Dump
from meshscope.envoy.forms import read_dump, unwrapped
from meshscope.envoy.resource import ENDPOINTS
from meshscope.mesh.bodies import Bodies
from meshscope.mesh.proxy import ENVOY, ISTIOD, Answer, Proxy
from meshscope.mesh.proxy_documents import folder, identity
from meshscope.mesh.recognise import CONFIG, recognised
from meshscope.snapshot.snapshot import Captured, Problem, ProxyId, Snapshot

BESIDE_A_PROXY = frozenset({
    "clusters", "listeners", "server_info", "certs", "stats", "runtime", "memory", "init_dump", "debug/sidecarz",
})  # fmt: skip


class Loaded:
    """What a snapshot turned out to hold."""

    def __init__(self) -> None:
        self.proxies: tuple[Proxy, ...] = ()
        self.manifests: tuple[Answer, ...] = ()
        self.answers: tuple[Answer, ...] = ()
        self.problems: tuple[Problem, ...] = ()


def load(snapshot: Snapshot, bodies: Bodies, view: str, progress: Callable[[int, int], None] | None) -> Loaded:
    sorting = _Sorting(bodies, view)
    for index, captured in enumerate(snapshot.captured):
        sorting.take(captured)
        if progress:
            progress(index + 1, len(snapshot.captured))
    return sorting.done()


class _Sorting:
    def __init__(self, bodies: Bodies, view: str) -> None:
        self.bodies = bodies
        self.view = view
        self.proxies: dict[ProxyId, Proxy] = {}
        self.folders: dict[str, set[ProxyId]] = defaultdict(set)
        self.beside: list[Answer] = []
        self.manifests: list[Answer] = []
        self.answers: list[Answer] = []
        self.problems: list[Problem] = []

    def take(self, captured: Captured) -> None:
        kind, values, problem = recognised(captured)
        if problem:
            self.problems.append(problem)
        elif kind in CONFIG and captured.istiod and not captured.owner:
            self.answers.append(Answer(captured, "debug/edsz"))  # an old Pilot's, of no single proxy
        elif kind in CONFIG:
            self._configuration(captured, values)
        elif kind in BESIDE_A_PROXY:
            self.beside.append(Answer(captured, kind))
        elif kind == "manifests":
            self.manifests.append(Answer(captured, kind))
        elif kind:
            self.answers.append(Answer(captured, kind))
        elif captured.document.name == captured.source:
            self.problems.append(Problem(captured.document.name, "no document that Envoy, Istio or Kubernetes writes"))

    def _configuration(self, captured: Captured, values: Iterable[Raw]) -> None:
        values = tuple(values)
        for index, value in enumerate(values):
            start = (index,) if len(values) > 1 else ()
            for path, body in unwrapped(value):
                dump = read_dump(captured.document, body, (*start, *path))
                self.problems.extend(dump.problems)
                if dump.resources or dump.evidence:
                    self._dump(captured, dump, tuple(path))

    def _dump(self, captured: Captured, dump: Dump, wrapper: tuple[str | int, ...]) -> None:
        owner = identity(captured, dump.node, wrapper)
        proxy = self._proxy(owner)
        view = ISTIOD if captured.istiod or dump.is_control_planes_view else ENVOY
        proxy.dumps.setdefault(view, []).append((captured, dump))
        self.folders[folder(captured)].add(owner)

    def _proxy(self, owner: ProxyId) -> Proxy:
        if owner not in self.proxies:
            self.proxies[owner] = Proxy(owner, self.bodies, self.view)
        return self.proxies[owner]

    def done(self) -> Loaded:
        for answer in self.beside:
            self._beside(answer)
        for proxy in self.proxies.values():
            _endpoints_to_their_view(proxy)
        loaded = Loaded()
        loaded.proxies = tuple(sorted(self.proxies.values(), key=lambda proxy: proxy.id))
        loaded.manifests, loaded.answers = tuple(self.manifests), tuple(self.answers)
        loaded.problems = tuple(self.problems)
        return loaded

    def _beside(self, answer: Answer) -> None:
        """A document that does not name its proxy: the layout, the only dump beside it, or the only proxy there is."""
        captured = answer.captured
        near = self.folders.get(folder(captured), set())
        owner = captured.owner or next(iter(near if len(near) == 1 else ()), None)
        if owner is None and len(self.proxies) <= 1:
            owner = next(iter(self.proxies), None) or identity(captured, None)
        if owner is None:
            message = f"whose {answer.kind} these are cannot be told: put the file beside its proxy's config_dump"
            self.problems.append(Problem(captured.document.name, message))
        else:
            self._proxy(owner).answers[answer.kind] = answer


def _endpoints_to_their_view(proxy: Proxy) -> None:
    """Old Pilots answer /debug/edsz with a bare list, which looks like istioctl's: beside istiod's dump it is istiod's."""
    if ISTIOD not in proxy.dumps:
        return
    bare = [(c, d) for c, d in proxy.dumps.get(ENVOY, ()) if d.evidence == {ENDPOINTS} and not d.has_sections]
    if bare:
        proxy.dumps[ENVOY] = [pair for pair in proxy.dumps[ENVOY] if pair not in bare]
        proxy.dumps[ISTIOD].extend(bare)
        if not proxy.dumps[ENVOY]:
            del proxy.dumps[ENVOY]
