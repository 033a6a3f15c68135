"""The path of a document in a recording: the layout that `layout` reads, in names that every file system accepts.

Names are ASCII: any other character is written as %XX; a long name is cut and marked by a hash. No two documents get one path,
not even on a file system that ignores case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256
from urllib.parse import quote

from meshscope.snapshot.layout import NO_NAMESPACE
from meshscope.snapshot.member import MANIFEST
from meshscope.snapshot.snapshot import Captured

_LONGEST_PART = 120


class RecordingPaths:
    """A path for each document of a recording, all different; equal documents in equal order get equal paths.

    `taken` are paths of files that stay.
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._used = {MANIFEST, *(path.casefold() for path in taken)}

    def path_of(self, one: Captured, body: bytes) -> str:
        path = wished = _wished_path(one, body)
        number = 2
        while path.casefold() in self._used:
            path, number = _numbered(wished, number), number + 1
        self._used.add(path.casefold())
        return path


def _wished_path(one: Captured, body: bytes) -> str:
    top = f"mesh_clusters/{path_part(one.mesh_cluster)}/" if one.mesh_cluster else ""
    file = re.split(r"[/\\!]", one.document.name)[-1]
    if not one.kind:
        return f"{top}documents/{path_part(file)}"
    endpoint = one.kind.removeprefix("debug/")
    if one.kind == "access_log" and one.owner:
        return f"{top}logs/{path_part(one.owner.name)}{'.jsonl' if _is_json(body) else '.log'}"
    if one.owner:
        namespace = path_part(one.owner.namespace) if one.owner.namespace else NO_NAMESPACE
        asked = "istiod_" if one.istiod or endpoint != one.kind else ""
        return f"{top}proxies/{namespace}/{path_part(one.owner.name)}/{asked}{path_part(endpoint)}{_ending(body)}"
    if one.istiod:
        return f"{top}istiod/{path_part(one.istiod)}/debug/{path_part(endpoint)}{_ending(body)}"
    return f"{top}{'manifests' if one.kind == 'manifests' else 'documents'}/{path_part(file)}"


def path_part(name: str) -> str:
    """One part of a path; `layout` reads the name back from it unless it was cut."""
    safe = quote(name, safe="@=+,~", errors="replace")
    if not safe or safe == NO_NAMESPACE or safe.startswith("."):  # nothing hidden, no `..`, no word of the layout
        safe = f"%{ord(safe[0]):02X}{safe[1:]}" if safe else "%"
    if len(safe) <= _LONGEST_PART:
        return safe
    stem, dot, ending = safe.rpartition(".")
    ending = dot + ending if stem and len(ending) < 8 else ""
    return f"{safe[:80]}~{sha256(name.encode('utf-8', 'replace')).hexdigest()[:16]}{ending}"


def _numbered(path: str, number: int) -> str:
    folder, slash, file = path.rpartition("/")
    stem, dot, ending = file.partition(".")
    return f"{folder}{slash}{stem}-{number}{dot}{ending}"


def _ending(body: bytes) -> str:
    return ".json" if _is_json(body) else ".txt"


def _is_json(body: bytes) -> bool:
    return body[:64].lstrip()[:1] in (b"{", b"[")
