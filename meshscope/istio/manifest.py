"""Kubernetes objects in a text, each with its location in the user's document.

Reads manifests in YAML or JSON, `List`s and typed lists, several values in a row, and istiod's /debug/configz, including its
form in Istio 1.4 to 1.9. A value that is not an object is a Problem; the objects around it are still read.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

import msgspec
from msgspec import Raw, Struct

from meshscope.istio.decoding import decode_slice
from meshscope.istio.labels import Labels
from meshscope.istio.provenance import ObjectRef, camel_kind
from meshscope.istio.raw_json import is_empty, items_of, members_of, opener
from meshscope.location import Document, Location
from meshscope.path import path_text
from meshscope.snapshot.json_text import GarbledError, values_of
from meshscope.snapshot.snapshot import Problem
from meshscope.typed import Typed


class Object(Struct, frozen=True):
    """One object. `group` is "" for Kubernetes' core kinds, `namespace` is "" if the text names none.

    `created_at` is RFC 3339, or "" (rare in files). `body` is the whole object as JSON with Kubernetes' spelling.
    """

    group: str
    version: str
    kind: str
    namespace: str
    name: str
    labels: Labels
    annotations: Labels
    created_at: str
    body: Raw
    location: Location

    @property
    def ref(self) -> ObjectRef:
        return ObjectRef(self.group, self.kind, self.namespace, self.name)

    def __str__(self) -> str:
        return str(self.ref)


class _Metadata(Typed, frozen=True, rename="camel"):
    name: str = ""
    namespace: str = ""
    labels: Labels = Labels()
    annotations: Labels = Labels()
    creation_timestamp: str = ""


class _Head(Typed, frozen=True, rename="camel"):
    api_version: str = ""
    kind: str = ""
    metadata: _Metadata = _Metadata()
    items: Raw = Raw()


class _GroupVersionKind(Typed, frozen=True):
    group: str = ""
    version: str = ""
    kind: str = ""


class _PilotObject(Typed, frozen=True):
    type: str | _GroupVersionKind = ""
    group: str = ""
    version: str = ""


_METADATA = ("name", "namespace", "labels", "annotations", "creationTimestamp", "resourceVersion", "uid")
_PILOT = msgspec.json.Decoder(_PilotObject)


def read_objects(document: Document) -> tuple[tuple[Object, ...], tuple[Problem, ...]]:
    """Every object in the order of the text, and the problems of what could not be read."""
    try:
        values = values_of(document)
    except GarbledError as error:
        return (), (Problem(document.name, str(error)),)
    top = Location(document)
    locations = (top,) if len(values) == 1 else tuple(top / index for index in range(len(values)))
    objects: list[Object] = []
    problems: list[Problem] = []
    for item in _flattened(map(_Item, values, locations)):
        if isinstance(item, Problem):
            problems.append(item)
        else:
            objects.append(item)
    return tuple(objects), tuple(problems)


class _Item(Typed, frozen=True):
    """A value, with the apiVersion and kind of the typed list around it, which the value itself may omit."""

    value: Raw
    location: Location
    api_version: str = ""
    kind: str = ""


def _flattened(values: Iterable[_Item]) -> Iterator[Object | Problem]:
    """Objects in the order of the text; arrays and lists of any depth are opened in place."""
    waiting = deque(values)
    while waiting:
        item = waiting.popleft()
        opened = _opened(item)
        if isinstance(opened, (Object, Problem)):
            yield opened
        else:
            waiting.extendleft(reversed(opened))


def _opened(item: _Item) -> Object | Problem | list[_Item]:
    """The object itself, or the items of an array or list."""
    value, location = item.value, item.location
    if is_empty(value):
        return []
    if opener(value) == b"[" and not item.kind:
        return [_Item(inner, location / index) for index, inner in enumerate(items_of(value))]
    head = decode_slice(value, _Head, *_document_and_path(location))
    if isinstance(head, Problem):
        return head
    if head.kind.endswith("List") and opener(head.items) == b"[":
        typed = ("", "") if head.kind == "List" else (head.api_version, head.kind.removesuffix("List"))
        inner_values = enumerate(items_of(head.items))
        return [_Item(inner, location / "items" / index, *typed) for index, inner in inner_values]
    if head.kind or item.kind:
        return _object(value, location, head, head.api_version or item.api_version, head.kind or item.kind)
    canonical = _canonical(value)
    return [_Item(canonical, location)] if canonical else _problem(location, "not a Kubernetes object: it has no kind")


def _object(value: Raw, location: Location, head: _Head, api_version: str, kind: str) -> Object | Problem:
    if not api_version:
        return _problem(location, f"{kind} without apiVersion")
    meta = head.metadata
    if not meta.name:
        return _problem(location, f"{kind} without metadata.name")
    group, _, version = api_version.rpartition("/")
    return Object(
        group,
        version,
        kind,
        meta.namespace,
        meta.name,
        meta.labels,
        meta.annotations,
        meta.creation_timestamp,
        value,
        location,
    )


def _canonical(value: Raw) -> Raw | None:
    """Pilot's own form of an object in Kubernetes' spelling. Its `type` is a word (1.4) or a GroupVersionKind (1.6)."""
    members = members_of(value)
    try:
        model = _PILOT.decode(value)
    except (msgspec.DecodeError, RecursionError):
        return None
    gvk = model.type
    if isinstance(gvk, str):
        gvk = _GroupVersionKind(model.group, model.version, camel_kind(gvk))
    if not (gvk.kind and gvk.version and "Spec" in members):
        return None
    canonical = {
        "apiVersion": f"{gvk.group}/{gvk.version}" if gvk.group else gvk.version,
        "kind": gvk.kind,
        "metadata": {key: members[key] for key in _METADATA if key in members},
        "spec": members["Spec"],
    }
    return Raw(msgspec.json.encode(canonical))


def _problem(location: Location, why: str) -> Problem:
    document, where = _document_and_path(location)
    return Problem(document, f"{where}: {why}" if where else why)


def _document_and_path(location: Location) -> tuple[str, str]:
    return location.document.name, path_text(location.path)
