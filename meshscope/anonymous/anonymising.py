"""A snapshot under pseudonyms: redacted, with names and addresses replaced consistently in all documents.

Invariant: a request in the new names (`AnonymousSnapshot.text`) takes the same way through the new snapshot as the old request
through the old one. docs/redaction.md lists the exceptions: regular expressions, hash-based balancing, certificates.
"""

from __future__ import annotations

import re
from hashlib import blake2b

from msgspec import Struct
from msgspec.structs import replace

from meshscope.anonymous.bodies import AnonymousBodies
from meshscope.anonymous.name_collection import collect_composite_name, collect_names, collect_outer_names
from meshscope.anonymous.pseudonyms import Pseudonyms
from meshscope.anonymous.vocabulary import Vocabulary, VocabularyBuilder
from meshscope.envoy.access_log import access_log_line
from meshscope.istio.manifest import Object
from meshscope.location import Document
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.opening.recognise import recognise_document
from meshscope.redaction.name_keys import APP, FILE, HOST, NAME, NAMESPACE, NODE, PATH, SERVICE_ACCOUNT, ZONE
from meshscope.redaction.numbers import FAILURES, decoded
from meshscope.redaction.redacting import redact
from meshscope.redaction.slices import Slices
from meshscope.redaction.values import Values
from meshscope.snapshot.json_text import GarbledError, values_of
from meshscope.snapshot.reading import place_of
from meshscope.snapshot.snapshot import Captured, Problem, ProxyId, Snapshot

_SERVICE, _POD = "svc", "pod"
_KIND_CATEGORIES = {
    "Namespace": NAMESPACE, "Service": _SERVICE, "ServiceEntry": _SERVICE, "ServiceAccount": SERVICE_ACCOUNT, "Node": NODE,
    "Deployment": APP, "StatefulSet": APP, "DaemonSet": APP, "ReplicaSet": _POD, "Pod": _POD, "WorkloadEntry": APP,
}  # fmt: skip
"""Kind of an object -> category of its name. The order is that in which objects' names are collected."""
_ENDINGS = r"(?:\.tar)?\.(?:gz|tgz|zip|tar|json|ya?ml|txt|log|jsonl)"


class AnonymousSnapshot(Struct, frozen=True, eq=False):
    """The new snapshot and its pseudonyms. `values` are the stand-ins, which come before them."""

    snapshot: Snapshot
    names: Pseudonyms
    values: Values

    def text(self, text: str) -> str:
        """A text of a request (a name, host, address, path or header value) in the new names."""
        return self.names.text(text)


def anonymise(snapshot: Snapshot, key: bytes) -> AnonymousSnapshot:
    """Redacts and renames. `key` (16 random bytes or more) decides the pseudonyms; with it, names can be found by trial.

    Raises UnreadableError if no document can be read, because the names are then unknown.
    """
    redacted = redact(snapshot, key=blake2b(key).digest())
    safe = redacted.snapshot
    names = Pseudonyms(vocabulary_of(safe), key)
    sources = {source: _source(source, names) for source in safe.sources}
    bodies = AnonymousBodies(names, key)
    documents = tuple(_captured(one, names, bodies, sources) for one in safe.captured)
    renamed = {one.document.name: new.document.name for one, new in zip(safe.captured, documents, strict=True)}
    problems = tuple(
        Problem(renamed.get(problem.document) or names.text(problem.document), names.text(problem.message))
        for problem in safe.problems
    )
    new = Snapshot(documents, problems, tuple(sources.values()), snapshot.captured_at, safe.replaced)
    return AnonymousSnapshot(new, names, redacted.values)


def vocabulary_of(snapshot: Snapshot) -> Vocabulary:
    """The names in the whole snapshot. Identities are first, because a word's category is that of its first use."""
    mesh = Mesh(snapshot)
    builder = VocabularyBuilder()
    for proxy in mesh.proxies:
        _identity(proxy.id, builder)
    kinds = list(_KIND_CATEGORIES)
    for item in sorted(mesh.objects, key=lambda one: kinds.index(one.kind) if one.kind in kinds else len(kinds)):
        _object(item, builder)
    for service in mesh.network.services:
        builder.add_name(service.namespace, NAMESPACE)
        builder.add_name(
            service.name if "." not in service.name else service.host, _SERVICE if service.namespace else HOST
        )
        builder.add_name(service.host, HOST)
    slices = _name_slices(builder)
    for captured in snapshot.captured:
        if captured.owner:
            _identity(captured.owner, builder)
        builder.add_pod(captured.istiod)
        builder.add_name(captured.mesh_cluster, ZONE)
        _document(captured, builder, slices)
        captured.document.forget()
    for source in snapshot.sources:
        builder.add_name(re.sub(_ENDINGS, "", _last(source)), FILE)
    return builder.build()


def _identity(proxy: ProxyId, builder: VocabularyBuilder) -> None:
    builder.add_name(proxy.namespace, NAMESPACE)
    builder.add_pod(proxy.name)
    builder.add_name(proxy.mesh_cluster, ZONE)


def _object(item: Object, builder: VocabularyBuilder) -> None:
    builder.add_name(item.namespace, NAMESPACE)
    category = _KIND_CATEGORIES.get(item.kind, NAME)
    if category == _POD:
        builder.add_pod(item.name)
    else:
        builder.add_name(item.name, category)


def _document(captured: Captured, builder: VocabularyBuilder, slices: Slices[str, None]) -> None:
    document = captured.document
    if captured.kind == "access_log" or not document.is_json:
        for line in document.body.decode("utf-8", "replace").split("\n") if captured.kind != "manifests" else ():
            if (entry := access_log_line(line)) is not None:
                for name in (entry.authority, entry.server_name):
                    builder.add_name(name, HOST)
                builder.add_name(entry.path.partition("?")[0], PATH)
    try:
        for raw in values_of(document):
            collect_outer_names(raw, builder)
            slices.rewritten(raw, "")
    except (GarbledError, *FAILURES):
        return


def _name_slices(builder: VocabularyBuilder) -> Slices[str, None]:
    """Collects the names in slices and keys and leaves both unchanged; equal slices are read once."""

    def body(body: bytes, under: str) -> tuple[bytes, None]:
        collect_names(decoded(body), builder, under)
        return body, None

    def key(key: str) -> str:
        collect_composite_name(key, builder)
        return key

    return Slices(body, lambda _under, key: key, key)


class AnonymousDocument(Document):
    """A document that is rewritten when its body is loaded. Unrecognised documents are left out."""

    def __init__(self, name: str, captured: Captured, names: Pseudonyms, bodies: AnonymousBodies) -> None:
        super().__init__(name, self._read, skipped_lines=captured.document.skipped_lines)
        self._captured = captured
        self._names = names
        self._bodies = bodies

    def _read(self) -> bytes:
        origin = self._captured.document
        try:
            body = self._bodies.anonymous(origin, self._captured.kind)
            if origin.failure:
                raise OSError(self._names.text(origin.failure))
            if not _is_recognised(self._captured):
                raise OSError("could not be anonymised: not a document of Envoy, Istio or Kubernetes")
        except GarbledError as error:
            raise OSError(f"could not be anonymised: {self._names.text(str(error))}") from None
        finally:
            origin.forget()
        return body


def _is_recognised(one: Captured) -> bool:
    """Whether the recording, the place in a known layout or the content shows what the document is."""
    return bool(one.kind or one.owner or one.istiod or recognise_document(one)[0])


def _captured(one: Captured, names: Pseudonyms, bodies: AnonymousBodies, sources: dict[str, str]) -> Captured:
    source = sources.get(one.source, names.text(_last(one.source)))
    old = one.document.name
    rest = old.removeprefix(place_of(one.source)) if one.source else old
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
    """Only the last part of a path, because folders reveal their owner."""
    return names.text(source if "://" in source else _last(source))


def _last(path: str) -> str:
    return re.split(r"[/\\]", path.rstrip("/\\"))[-1]
