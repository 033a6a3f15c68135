"""String maps of Kubernetes objects (labels, annotations, selectors) as sorted pairs: frozen, comparable, hashable.

Of a map of secrets the keys alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import msgspec


class Labels(tuple[tuple[str, str], ...]):
    """Pairs in the order of their keys. Empty labels are falsy."""

    __slots__ = ()

    @classmethod
    def of(cls, pairs: Mapping[str, Any]) -> Self:
        """Of a decoded JSON object. A value that is not a string, which the API server would reject, is kept as JSON text."""
        return cls(sorted((key, _text(value)) for key, value in pairs.items()))

    def get(self, key: str, default: str = "") -> str:
        return next((value for name, value in self if name == key), default)

    def has(self, key: str) -> bool:
        return any(name == key for name, _ in self)

    def match(self, selector: Labels) -> bool:
        """Whether all pairs of the selector are here. The empty selector matches everything; callers decide what it means."""
        return set(selector) <= set(self)


class KeyNames(tuple[str, ...]):
    """The keys of a map whose values nobody may read, in order."""

    __slots__ = ()

    @classmethod
    def of(cls, pairs: Mapping[str, Any]) -> Self:
        return cls(sorted(pairs))


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else msgspec.json.encode(value).decode()
