"""From captured documents to proxies, manifests and answers: each document is recognised and given to its owner."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from meshscope.envoy.dump import Dump
from meshscope.envoy.reading import read_document, read_dump
from meshscope.envoy.static_resources import DISCOVERED
from meshscope.errors import CancelledError
from meshscope.mesh.account import CONFIG, ENVOY, ISTIOD, MARKDOWN, Account, AccountDocument
from meshscope.mesh.bodies import Bodies
from meshscope.mesh.opening.manifests import Manifest
from meshscope.mesh.proxy import Answer, Proxy
from meshscope.mesh.proxy_documents import folder, identity, stem
from meshscope.path import Path
from meshscope.snapshot.snapshot import Captured, Problem, ProxyId, Snapshot
from meshscope.work import Work

BESIDE_A_PROXY = frozenset({
    "clusters", "listeners", "server_info", "certs", "stats", "runtime", "memory", "init_dump", "debug/sidecarz", "debug/ndsz",
})  # fmt: skip
"""Kinds that belong to one proxy and do not name it."""

VIEWS = {"config_dump": ENVOY, "istiod_config_dump": ISTIOD, "istiod_edsz": ISTIOD}
"""Kinds in a recording's manifest -> the view that the document is of."""


class Loaded(Struct, frozen=True):
    """The contents of a snapshot. `problems` are those of recognising; documents that are read later have their own."""

    proxies: tuple[Proxy, ...]
    manifests: tuple[Manifest, ...]
    answers: tuple[Answer, ...]
    problems: tuple[Problem, ...]

    def with_proxies(self, others: Mapping[ProxyId, Proxy]) -> Loaded:
        """With other proxies in the place of those of the same identity."""
        return replace(self, proxies=tuple(others.get(one.id, one) for one in self.proxies)) if others else self


def load(snapshot: Snapshot, bodies: Bodies, view: str, work: Work) -> Loaded:
    """Gives each document to its owner. A cancelled run leaves out the documents not reached, and a problem counts them."""
    loader = _Loader()
    for index, captured in enumerate(snapshot.captured):
        try:
            work.step(index, len(snapshot.captured))
        except CancelledError:
            left = len(snapshot.captured) - index
            loader.problems.append(Problem("", f"cancelled: {left} documents were not looked at"))
            break
        loader.add(captured)
    else:
        work.report(len(snapshot.captured), len(snapshot.captured))
    return loader.loaded(bodies, view)


class _ProxyParts:
    """The documents of one proxy while a snapshot is loaded."""

    def __init__(self) -> None:
        self.accounts: dict[str, list[AccountDocument]] = defaultdict(list)
        self.answers: dict[str, Answer] = {}
        self.not_captured: set[str] = set()


class _Loader:
    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._manifests: list[Manifest] = []
        self._answers: list[Answer] = []
        self._proxies: dict[ProxyId, _ProxyParts] = defaultdict(_ProxyParts)
        self._owners_in: dict[str, set[ProxyId]] = defaultdict(set)
        self._beside: list[Answer] = []
        self._renamed: dict[ProxyId, ProxyId] = {}
        self._bare_endpoints: list[tuple[ProxyId, AccountDocument]] = []

    def add(self, captured: Captured) -> None:
        if captured.document.failure:
            self._add_not_captured(captured)
        elif captured.owner and captured.kind in VIEWS:
            self._add_known(captured, captured.owner, VIEWS[captured.kind])
        elif captured.kind and captured.kind not in CONFIG and captured.kind != MARKDOWN:
            self._add_of_kind(captured, captured.kind)  # it is read at the first question
        else:
            self._recognise(captured)

    def _add_not_captured(self, captured: Captured) -> None:
        """A document that was requested and not captured is part of no account; its proxy exists all the same."""
        if captured.owner and captured.kind != "ztunnel":
            self._proxies[captured.owner].not_captured.add(captured.kind)

    def _recognise(self, captured: Captured) -> None:
        from meshscope.mesh.opening.recognise import recognise_document  # a recording's manifest names the kinds

        if not captured.document.is_json and self._add_blocks(captured):
            return
        kind, values, problem = recognise_document(captured)
        if problem:
            self.problems.append(problem)
        elif kind in CONFIG and captured.istiod and not captured.owner:
            self._answers.append(Answer(captured, "debug/edsz"))  # an old Pilot's, of no single proxy
        elif kind in CONFIG:
            dumps, problems = read_document(captured.document, values)
            self.problems.extend(problems)
            for wrapper, dump in dumps:
                self._add_dump(captured, dump, wrapper)
        elif kind:
            self._add_of_kind(captured, kind)
            if kind == "manifests":
                self._add_embedded(self._manifests[-1])
        elif captured.document.name == captured.source:
            message = "no document that Envoy, Istio or Kubernetes writes"
            self.problems.append(Problem(captured.document.name, message))
        if not kind:
            captured.document.forget()  # no document, and in an archive perhaps one of gigabytes

    def _add_blocks(self, captured: Captured) -> bool:
        """The documents in a Markdown text's code blocks; whether it is one. Several configurations are of several proxies."""
        from meshscope.mesh.opening import fenced  # only for texts that are not JSON

        if not fenced.is_fenced(captured):
            return False
        from meshscope.mesh.opening.recognise import recognise_document

        found = [(block, recognise_document(block)[0]) for block in fenced.blocks(captured)]
        configurations = sum(kind in CONFIG for _, kind in found)
        for number, (block, kind) in enumerate(found, start=1):
            if kind in CONFIG and configurations > 1:
                owner = ProxyId(captured.mesh_cluster, "", f"{stem(captured.document.name)}-{number}")
                self._recognise(replace(block, owner=owner))
            elif kind:
                self._recognise(block)
        if not any(kind for _, kind in found):
            message = "Markdown: none of its code blocks is a document that Envoy, Istio or Kubernetes writes"
            self.problems.append(Problem(captured.document.name, message))
        return True

    def _add_of_kind(self, captured: Captured, kind: str) -> None:
        """A document that is not a proxy's configuration."""
        if kind in BESIDE_A_PROXY:
            self._beside.append(Answer(captured, kind))
        elif kind == "manifests":
            self._manifests.append(Manifest(captured))
        else:
            self._answers.append(Answer(captured, kind))

    def _add_embedded(self, manifest: Manifest) -> None:
        from meshscope.mesh.opening import embedded  # few manifests hold any

        captured = manifest.captured
        if not embedded.may_hold_configuration(captured.document.body):
            return
        for file in embedded.files_of_config_maps(manifest.objects, captured):
            self._recognise(file)
        for owned, resources, place in embedded.cilium_resources(manifest.objects, captured):
            dump = read_dump(captured.document, resources, place.path)
            self.problems.extend(dump.problems)
            self._add_dump(owned, replace(dump, open_kinds=DISCOVERED), ())  # Cilium adds its own

    def _add_known(self, captured: Captured, owner: ProxyId, view: str) -> None:
        """A recording's manifest places the document: it is indexed at the first question."""
        self._proxies[owner].accounts[view].append(AccountDocument(captured))
        self._owners_in[folder(captured)].add(owner)

    def _add_dump(self, captured: Captured, dump: Dump, wrapper: Path) -> None:
        owner = identity(captured, dump.node, wrapper)
        if captured.owner and captured.owner != owner:
            self._renamed[captured.owner] = owner  # the node is surer than the folder, for the documents beside it too
        document = AccountDocument(captured, dump)
        if dump.is_bare_endpoints:
            self._bare_endpoints.append((owner, document))
            self._proxies[owner]  # it has a proxy, whatever view it turns out to be of
        else:
            view = ISTIOD if captured.istiod or dump.is_control_planes_view else ENVOY
            self._proxies[owner].accounts[view].append(document)
        self._owners_in[folder(captured)].add(owner)

    def loaded(self, bodies: Bodies, view: str) -> Loaded:
        for owner, document in self._bare_endpoints:
            self._add_bare_endpoints(owner, document)
        for answer in self._beside:
            self._add_beside(answer)
        proxies = (_proxy(owner, parts, bodies, view) for owner, parts in sorted(self._proxies.items(), key=_identity))
        return Loaded(tuple(proxies), tuple(self._manifests), tuple(self._answers), tuple(self.problems))

    def _add_bare_endpoints(self, owner: ProxyId, document: AccountDocument) -> None:
        """Old Pilots answer /debug/edsz with a bare list, as istioctl prints one: it is of the view beside it."""
        accounts = self._proxies[owner].accounts
        accounts[ISTIOD if document.captured.istiod or ISTIOD in accounts else ENVOY].append(document)

    def _add_beside(self, answer: Answer) -> None:
        """A document that does not name its proxy: the layout, the only dump beside it, or the only proxy names it."""
        captured = answer.captured
        near = self._owners_in.get(folder(captured), set())
        owner = captured.owner or next(iter(near if len(near) == 1 else ()), None)
        owner = self._renamed.get(owner, owner) if owner else None
        if owner is None and len(self._proxies) <= 1:
            owner = next(iter(self._proxies), None) or identity(captured, None)
        if owner is None:
            message = f"the proxy of these {answer.kind} is unknown: put the file beside its proxy's config_dump"
            self.problems.append(Problem(captured.document.name, message))
        else:
            self._proxies[owner].answers[answer.kind] = answer


def _identity(item: tuple[ProxyId, _ProxyParts]) -> ProxyId:
    return item[0]


def _proxy(owner: ProxyId, parts: _ProxyParts, bodies: Bodies, view: str) -> Proxy:
    return Proxy(
        owner,
        bodies,
        accounts={its_view: Account(documents) for its_view, documents in parts.accounts.items()},
        answers=parts.answers,
        not_captured=frozenset(parts.not_captured),
        wanted_view=view,
    )
