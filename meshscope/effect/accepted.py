"""The object as istiod has it, by /debug/configz: not at all, or in another version than the one at hand.

`generation` counts what people changed in a spec; `resourceVersion` tells versions apart, and of which one is newer nothing
(https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions). Manifests of files have neither, so that the
specs are compared, in meaning: istiod writes them in its own words.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct
from msgspec.structs import fields

from meshscope.effect.ages import Ages
from meshscope.istio.durations import go_seconds
from meshscope.istio.hosts import full_host
from meshscope.istio.kubernetes import decode
from meshscope.istio.manifest import Object
from meshscope.istio.raw_json import members_of
from meshscope.mesh.objects import full_ref
from meshscope.path import Path, path_text
from meshscope.snapshot.snapshot import Problem
from meshscope.typed import Typed


class _Versions(Typed, frozen=True, rename="camel"):
    generation: int = 0
    resource_version: str = ""


class _Versioned(Typed, frozen=True):
    metadata: _Versions = _Versions()


def not_accepted(ages: Ages, item: Object) -> str:
    """Why istiod does not have the object, "" where it has it or no istiod was asked."""
    if ages.accepted is None or ages.has(item) or not ages.lists(item):
        return ""
    return (
        f"istiod does not have it: /debug/configz lists no {item} (refused as invalid, hidden, or of another revision)"
    )


def other_version(ages: Ages, item: Object, value: Struct) -> str:
    """What istiod has of the object instead of this version of it, in words; "" where it has this one, or nothing tells."""
    named = full_ref(item.ref)
    theirs = (ages.accepted or {}).get(named)
    if theirs is None:
        return ""
    mine, known = _versions(item), _versions(theirs)
    if mine.generation and known.generation:
        if mine.generation == known.generation:
            return ""
        than = "an older" if known.generation < mine.generation else "a newer"
        return f"istiod has {than} version of it: generation {known.generation}, this is {mine.generation}"
    if mine.resource_version and mine.resource_version == known.resource_version:
        return ""
    body = decode(theirs, type(value))
    if isinstance(body, Problem):
        return ""
    difference = next(_Comparison(named.namespace).differences(value, body), None)
    return f"istiod has it differently: {difference}" if difference else ""


def _versions(item: Object) -> _Versions:
    found = decode(item, _Versioned) if "metadata" in members_of(item.body) else _Versioned()
    return _Versions() if isinstance(found, Problem) else found.metadata


class _Comparison:
    """Of two typed objects in a namespace, which short names of hosts are of."""

    def __init__(self, namespace: str) -> None:
        self._namespace = namespace

    def differences(self, mine: Any, theirs: Any, path: Path = ()) -> Iterator[str]:
        """Field by field, in the names of the manifest; `status` is the control plane's own."""
        if isinstance(mine, Struct) and type(mine) is type(theirs):
            for field in fields(mine):
                if path or field.name != "status":
                    one, other = getattr(mine, field.name), getattr(theirs, field.name)
                    yield from self.differences(one, other, (*path, field.encode_name))
        elif isinstance(mine, dict) and isinstance(theirs, dict):
            for key in dict.fromkeys((*mine, *theirs)):
                yield from self.differences(mine.get(key), theirs.get(key), (*path, str(key)))
        elif _is_list(mine) and _is_list(theirs) and len(mine) == len(theirs):
            for index, (one, other) in enumerate(zip(mine, theirs, strict=True)):
                yield from self.differences(one, other, (*path, index))
        elif not self._is_same(mine, theirs):
            yield f"{path_text(path)} is {_words(theirs)} there, {_words(mine)} here"

    def _is_same(self, mine: Any, theirs: Any) -> bool:
        """Nothing is the same as a default that says nothing; durations have several spellings, and istiod writes out hosts."""
        if mine == theirs or (not mine and not theirs):
            return True
        if not (isinstance(mine, str) and isinstance(theirs, str)):
            return False
        seconds = go_seconds(mine)
        return theirs == full_host(mine, self._namespace) or (seconds is not None and seconds == go_seconds(theirs))


def _is_list(value: Any) -> bool:
    return isinstance(value, (list, tuple))


def _words(value: Any) -> str:
    if _is_list(value):
        return f"a list of {len(value)}"
    return "set" if isinstance(value, (Struct, dict)) else str(value) if value not in (None, "") else "absent"
