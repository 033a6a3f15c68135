"""Kubernetes-shaped objects of a text, each with its place in the user's document.

Manifests in YAML or JSON, `List`s and typed lists, several values in a row, and istiod's /debug/configz, the form of
Istio 1.4-1.9 among them. What is no object is a Problem; the objects around it are still read.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

import msgspec
from msgspec import Raw, Struct

from meshscope.istio.decoding import decoded
from meshscope.istio.labels import Labels
from meshscope.istio.peek import is_empty, items_of, members_of, opener
from meshscope.istio.provenance import ObjectRef, camel_kind
from meshscope.location import Document, Location
from meshscope.path import written
from meshscope.snapshot.json_text import GarbledError, values_of
from meshscope.snapshot.snapshot import Problem


class Object(Struct, frozen=True):
    """One object. `group` is "" for Kubernetes' core kinds, `namespace` "" where the text names none.

    `created_at` is RFC 3339 or "" (files rarely say). `body` is the whole object as JSON with Kubernetes' spelling.
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


class _Metadata(Struct, frozen=True, rename="camel"):
    name: str = ""
    namespace: str = ""
    labels: Labels = Labels()
    annotations: Labels = Labels()
    creation_timestamp: str = ""


class _Head(Struct, frozen=True, rename="camel"):
    api_version: str = ""
    kind: str = ""
    metadata: _Metadata = _Metadata()
    items: Raw = Raw()


class _Made(Struct, frozen=True):
    group: str = ""
    version: str = ""
    kind: str = ""


class _Model(Struct, frozen=True):
    type: str | _Made = ""
    group: str = ""
    version: str = ""


_METADATA = ("name", "namespace", "labels", "annotations", "creationTimestamp", "resourceVersion", "uid")
_PILOT = msgspec.json.Decoder(_Model)


def read_objects(document: Document) -> tuple[tuple[Object, ...], tuple[Problem, ...]]:
    """Every object of the text in its order, and what could not be read."""
    try:
        values = values_of(document)
    except GarbledError as error:
        return (), (Problem(document.name, str(error)),)
    top = Location(document)
    places = (top,) if len(values) == 1 else tuple(top / index for index in range(len(values)))
    objects: list[Object] = []
    problems: list[Problem] = []
    for found in _found(map(_Waiting, values, places)):
        if isinstance(found, Problem):
            problems.append(found)
        else:
            objects.append(found)
    return tuple(objects), tuple(problems)


class _Waiting(Struct, frozen=True):
    """A value and what a typed list says of its items, which need not say it themselves."""

    value: Raw
    location: Location
    api_version: str = ""
    kind: str = ""


def _found(values: Iterable[_Waiting]) -> Iterator[Object | Problem]:
    """Arrays and lists are opened in place, whatever their depth."""
    waiting = deque(values)
    while waiting:
        item = waiting.popleft()
        inside = _inside(item)
        if isinstance(inside, (Object, Problem)):
            yield inside
        else:
            waiting.extendleft(reversed(inside))


def _inside(item: _Waiting) -> Object | Problem | list[_Waiting]:
    """The object, or the values that stand in its place."""
    value, location = item.value, item.location
    if is_empty(value):
        return []
    if opener(value) == b"[" and not item.kind:
        return [_Waiting(inner, location / index) for index, inner in enumerate(items_of(value))]
    head = decoded(value, _Head, *_place(location))
    if isinstance(head, Problem):
        return head
    if head.kind.endswith("List") and opener(head.items) == b"[":
        typed = ("", "") if head.kind == "List" else (head.api_version, head.kind.removesuffix("List"))
        inner_values = enumerate(items_of(head.items))
        return [_Waiting(inner, location / "items" / index, *typed) for index, inner in inner_values]
    if head.kind or item.kind:
        return _object(value, location, head, head.api_version or item.api_version, head.kind or item.kind)
    canonical = _canonical(value)
    return [_Waiting(canonical, location)] if canonical else _refused(location, "not an object of Kubernetes: no kind")


def _object(value: Raw, location: Location, head: _Head, api_version: str, kind: str) -> Object | Problem:
    if not api_version:
        return _refused(location, f"{kind} without apiVersion")
    meta = head.metadata
    if not meta.name:
        return _refused(location, f"{kind} without metadata.name")
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
    """Pilot's own model of an object in Kubernetes' spelling: `type` is a word (1.4) or a GroupVersionKind (1.6)."""
    members = members_of(value)
    try:
        model = _PILOT.decode(value)
    except (msgspec.DecodeError, RecursionError):
        return None
    made = model.type if isinstance(model.type, _Made) else _Made(model.group, model.version, camel_kind(model.type))
    if not (made.kind and made.version and "Spec" in members):
        return None
    canonical = {
        "apiVersion": f"{made.group}/{made.version}" if made.group else made.version,
        "kind": made.kind,
        "metadata": {key: members[key] for key in _METADATA if key in members},
        "spec": members["Spec"],
    }
    return Raw(msgspec.json.encode(canonical))


def _refused(location: Location, why: str) -> Problem:
    document, where = _place(location)
    return Problem(document, f"{where}: {why}" if where else why)


def _place(location: Location) -> tuple[str, str]:
    return location.document.name, written(location.path)
