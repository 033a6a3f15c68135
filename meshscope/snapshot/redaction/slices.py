"""Rewrites a JSON text slice by slice: resources one at a time, and equal ones once. Slices without a change stay the same.

Proxies of one mesh hold the same resources, so that most slices of a large recording are known already.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from operator import is_

import msgspec
from msgspec import Raw

from meshscope.snapshot.redaction.sensitive import Role, role

_SMALL = 2048
"""Bytes of a slice that is rewritten as a whole."""
_MOST_KEPT = 64 << 20
_DEEPEST = 6
_MEANINGFUL = frozenset({"kind", "name", "key", "keys", "kty", "header_name", "headerName", "annotations", "labels"})
"""An object with one of these keys is rewritten as a whole."""

_object = msgspec.json.Decoder(dict[str, Raw])
_array = msgspec.json.Decoder(list[Raw])


class Slices:
    """`change` rewrites a slice and gives the very same bytes back where there is nothing to change; `key` renames a member."""

    def __init__(self, change: Callable[[bytes], bytes], key: Callable[[str], str] = str) -> None:
        self._change = change
        self._key = key
        self._known: dict[bytes, bytes] = {}
        self._kept = 0

    def rewritten(self, text: Raw, depth: int = _DEEPEST) -> Raw:
        """The very same object where nothing changed. Raises msgspec.DecodeError, and what `change` raises."""
        view = memoryview(text)
        if len(view) > _SMALL and depth:
            if view[0] == ord("["):
                items = _array.decode(text)
                new = [self.rewritten(item, depth - 1) for item in items]
                return text if all(map(is_, new, items)) else Raw(b"[" + b",".join(map(bytes, new)) + b"]")
            if view[0] == ord("{"):
                members = _object.decode(text)
                if not _MEANINGFUL & members.keys() and all(role(key) is Role.NONE for key in members):
                    return self._members(text, members, depth)
        return self._whole(text)

    def _members(self, text: Raw, members: dict[str, Raw], depth: int) -> Raw:
        new = {self._key(key): self.rewritten(member, depth - 1) for key, member in members.items()}
        if new.keys() == members.keys() and all(map(is_, new.values(), members.values())):
            return text
        return Raw(msgspec.json.encode(new))

    def _whole(self, text: Raw) -> Raw:
        body = bytes(text)
        digest = blake2b(body, digest_size=16).digest()
        known = self._known.get(digest)
        if known is None:
            new = self._change(body)
            known = b"" if new is body else new
            self._kept += len(known) + 100
            if self._kept > _MOST_KEPT:
                self._known.clear()
                self._kept = 0
            self._known[digest] = known
        return Raw(known) if known else text
