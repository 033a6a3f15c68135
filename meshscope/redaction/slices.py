"""Rewrites a JSON text slice by slice: resources one at a time, and equal ones at equal places once. Slices without a change
stay the same.

Proxies of one mesh hold the same resources, so that most slices of a large recording are known already.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from hashlib import blake2b
from operator import is_
from typing import Generic, TypeVar

import msgspec
from msgspec import Raw

P = TypeVar("P", bound=Hashable)
N = TypeVar("N")
_SMALL = 2048
"""Bytes of a slice that is rewritten as a whole."""
_MOST_KEPT = 64 << 20
_DEEPEST = 6
_MEANINGFUL = frozenset({
    "@type", "apiVersion", "api_version", "kind", "name", "key", "keys", "kty", "header_name", "headerName", "annotations",
    "labels", "path", "filter", "type_url", "typeUrl", "input", "metadata_namespace", "metadataNamespace", "config", "client",
})  # fmt: skip
"""An object with one of these keys is rewritten as a whole: its members say what the others are."""
_SECTION = '"type.googleapis.com/envoy.admin.'

_object = msgspec.json.Decoder(dict[str, Raw])
_array = msgspec.json.Decoder(list[Raw])


class Slices(Generic[P, N]):
    """`change` rewrites a slice at a place and gives the very same bytes back where there is nothing to change.

    `below` is the place of a member, None where its object must be rewritten as a whole; `key` renames a member. What `change`
    gives besides goes to `noted`, at each place where the slice stands.
    """

    def __init__(
        self,
        change: Callable[[bytes, P], tuple[bytes, N]],
        below: Callable[[P, str], P | None],
        key: Callable[[str], str] = str,
        noted: Callable[[N], object] = lambda _note: None,
    ) -> None:
        self._change = change
        self._below = below
        self._key = key
        self._noted = noted
        self._known: dict[tuple[bytes, P], tuple[bytes, N]] = {}
        self._kept = 0

    def rewritten(self, text: Raw, place: P, depth: int = _DEEPEST) -> Raw:
        """The very same object where nothing changed. Raises msgspec.DecodeError, and what `change` raises."""
        view = memoryview(text)
        if len(view) > _SMALL and depth:
            if view[0] == ord("["):
                items = _array.decode(text)
                new = [self.rewritten(item, place, depth - 1) for item in items]
                return text if all(map(is_, new, items)) else Raw(b"[" + b",".join(map(bytes, new)) + b"]")
            if view[0] == ord("{"):
                members = _object.decode(text)
                places = {key: self._below(place, key) for key in members}
                if _is_plain(members) and None not in places.values():
                    return self._members(text, members, places, depth)
        return self._whole(text, place)

    def _members(self, text: Raw, members: dict[str, Raw], places: dict[str, P | None], depth: int) -> Raw:
        new = {
            self._key(key): member if place is None else self.rewritten(member, place, depth - 1)
            for (key, member), place in zip(members.items(), places.values(), strict=True)
        }
        if new.keys() == members.keys() and all(map(is_, new.values(), members.values())):
            return text
        return Raw(msgspec.json.encode(new))

    def _whole(self, text: Raw, place: P) -> Raw:
        body = bytes(text)
        digest = (blake2b(body, digest_size=16).digest(), place)
        known = self._known.get(digest)
        if known is None:
            new, note = self._change(body, place)
            known = (b"" if new is body else new, note)
            self._kept += len(known[0]) + 100
            if self._kept > _MOST_KEPT:
                self._known.clear()
                self._kept = 0
            self._known[digest] = known
        self._noted(known[1])
        return Raw(known[0]) if known[0] else text


def _is_plain(members: dict[str, Raw]) -> bool:
    """A section of a dump is plain in spite of its type."""
    if bytes(members.get("@type", Raw())).startswith(_SECTION.encode()):
        members = {key: member for key, member in members.items() if key != "@type"}
    return _MEANINGFUL.isdisjoint(members)
