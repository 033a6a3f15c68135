"""A snapshot under pseudonyms: redacted, and its names and addresses replaced by others, the same in every document.

Invariant: a request in the new names (`Anonymous.text`) takes the same way through the new snapshot as the old request through
the old one. What cannot be kept so is written in docs: regular expressions, hash-based balancing, certificates.
"""

from __future__ import annotations

import re

from msgspec import Struct
from msgspec.structs import replace

from meshscope.anonymous.bodies import Bodies
from meshscope.anonymous.pseudonyms import Pseudonyms
from meshscope.anonymous.vocabulary import Gathering, Vocabulary, by_form, gather
from meshscope.envoy.access_log import access_log_line
from meshscope.istio.manifest import Object
from meshscope.location import Document
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.recognise import recognised
from meshscope.snapshot.json_text import GarbledError, values_of
from meshscope.snapshot.redacting import redacted_snapshot
from meshscope.snapshot.redaction.numbers import FAILURES, decoded
from meshscope.snapshot.redaction.slices import Slices
from meshscope.snapshot.snapshot import Captured, Problem, ProxyId, Snapshot

_KINDS = {
    "Namespace": "ns", "Service": "svc", "ServiceEntry": "svc", "ServiceAccount": "sa", "Node": "node", "Deployment": "app",
    "StatefulSet": "app", "DaemonSet": "app", "ReplicaSet": "pod", "Pod": "pod", "WorkloadEntry": "app",
}  # fmt: skip
_ENDINGS = r"(?:\.tar)?\.(?:gz|tgz|zip|tar|json|ya?ml|txt|log|jsonl)"


class Anonymous(Struct, frozen=True, eq=False):
    """The new snapshot, and the names under which it stands."""

    snapshot: Snapshot
    names: Pseudonyms

    def text(self, text: str) -> str:
        """What somebody asks (a name, host, address, path or header value) in its new spelling."""
        return self.names.asked(text)


def anonymised(snapshot: Snapshot, key: bytes) -> Anonymous:
    """Redacts and renames. `key` (16 bytes or more, random) decides the pseudonyms; who has it can tell names by trying.

    Raises UnreadableError where nothing can be read: nobody knows then what to rename.
    """
    safe = redacted_snapshot(snapshot)
    names = Pseudonyms(vocabulary_of(safe), key)
    sources = {source: _source(source, names) for source in safe.sources}
    bodies = Bodies(names, key)
    documents = tuple(_captured(one, names, bodies, sources) for one in safe.captured)
    renamed = {one.document.name: new.document.name for one, new in zip(safe.captured, documents, strict=True)}
    problems = tuple(
        Problem(renamed.get(problem.document) or names.text(problem.document), names.text(problem.message))
        for problem in safe.problems
    )
    new = Snapshot(documents, problems, tuple(sources.values()), snapshot.captured_at)
    return Anonymous(new, names)


def vocabulary_of(snapshot: Snapshot) -> Vocabulary:
    """The names of everything that the snapshot holds: identities first, so that a word's sort is that of its first use."""
    mesh = Mesh(snapshot)
    into = Gathering()
    for proxy in mesh.proxies:
        _identity(proxy.id, into)
    for item in sorted(mesh.objects, key=lambda one: list(_KINDS).index(one.kind) if one.kind in _KINDS else 99):
        _object(item, into)
    for service in mesh.network.services:
        into.name(service.namespace, "ns")
        into.name(service.name if "." not in service.name else service.host, "svc" if service.namespace else "host")
        into.name(service.host, "host")
    slices = _gathering(into)
    for captured in snapshot.captured:
        if captured.owner:
            _identity(captured.owner, into)
        into.pod(captured.istiod)
        into.name(captured.mesh_cluster, "zone")
        _document(captured, into, slices)
        captured.document.forget()
    for source in snapshot.sources:
        into.name(re.sub(_ENDINGS, "", _last(source)), "file")
    return into.done()


def _identity(proxy: ProxyId, into: Gathering) -> None:
    into.name(proxy.namespace, "ns")
    into.pod(proxy.name)
    into.name(proxy.mesh_cluster, "zone")


def _object(item: Object, into: Gathering) -> None:
    into.name(item.namespace, "ns")
    sort = _KINDS.get(item.kind, "name")
    if sort == "pod":
        into.pod(item.name)
    else:
        into.name(item.name, sort)


def _document(captured: Captured, into: Gathering, slices: Slices) -> None:
    document = captured.document
    if captured.kind == "access_log" or not document.is_json:
        for line in document.body.decode("utf-8", "replace").split("\n") if captured.kind != "manifests" else ():
            if (told := access_log_line(line)) is not None:
                for name in (told.authority, told.server_name):
                    into.name(name, "host")
                into.name(told.path.partition("?")[0], "path")
    try:
        for raw in values_of(document):
            slices.rewritten(raw)
    except (GarbledError, *FAILURES):
        return


def _gathering(into: Gathering) -> Slices:
    """Reads slices and keys and leaves them as they are; equal ones are read once."""

    def body(body: bytes) -> bytes:
        gather(decoded(body), into)
        return body

    def key(key: str) -> str:
        by_form(key, into)
        return key

    return Slices(body, key)


class AnonymousDocument(Document):
    """Rewritten when its body is asked for; a document that nobody knows is not posted."""

    def __init__(self, name: str, captured: Captured, names: Pseudonyms, bodies: Bodies) -> None:
        super().__init__(name, self._read, skipped_lines=captured.document.skipped_lines)
        self._captured = captured
        self._names = names
        self._bodies = bodies

    def _read(self) -> bytes:
        origin = self._captured.document
        try:
            body = self._bodies.anonymous(origin)
            if origin.failure:
                raise OSError(self._names.text(origin.failure))
            if not _is_known(self._captured):
                raise OSError("could not be anonymised: no document that Envoy, Istio or Kubernetes writes")
        except GarbledError as error:
            raise OSError(f"could not be anonymised: {self._names.text(str(error))}") from None
        finally:
            origin.forget()
        return body


def _is_known(one: Captured) -> bool:
    """Whether anything tells what it is: a recording, its place in a known layout, or its content."""
    return bool(one.kind or one.owner or one.istiod or recognised(one)[0])


def _captured(one: Captured, names: Pseudonyms, bodies: Bodies, sources: dict[str, str]) -> Captured:
    source = sources.get(one.source, names.text(_last(one.source)))
    old = one.document.name
    rest = old.removeprefix(one.source) if one.source else old
    name = source + names.text(rest) if one.source and rest != old else names.text(old.lstrip("/"))
    lost = one.document.failure
    owner = one.owner
    return replace(
        one,
        document=Document.lost(name, names.text(lost)) if lost else AnonymousDocument(name, one, names, bodies),
        owner=ProxyId(*map(names.text, (owner.mesh_cluster, owner.namespace, owner.name))) if owner else None,
        istiod=names.text(one.istiod),
        mesh_cluster=names.text(one.mesh_cluster),
        source=source,
    )


def _source(source: str, names: Pseudonyms) -> str:
    """Of a path only its last part: folders tell about their owner."""
    return names.text(source if "://" in source else _last(source))


def _last(path: str) -> str:
    return re.split(r"[/\\]", path.rstrip("/\\"))[-1]
