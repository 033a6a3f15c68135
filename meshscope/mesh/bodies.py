"""Typed bodies of resources, read once. Equal bodies are shared between proxies by their hash.

Safe to use from several threads: two that read one slice at the same time get the body of the first.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from meshscope.envoy.resource import Resource
from meshscope.xds.message import Undecodable

T = TypeVar("T")


class Bodies:
    """Slices are known by their hash and length, and compared before one is taken for another."""

    def __init__(self) -> None:
        self._known: dict[tuple[type[Any], int, int, bool, bool], tuple[memoryview, Any]] = {}

    def read(self, resource: Resource, kind: type[T]) -> T | Undecodable:
        slice_ = memoryview(resource.raw)
        text = bytes(slice_)  # two memoryviews compare byte by byte, many times slower than two texts
        key = (kind, hash(text), len(text), resource.origin.rewritten, resource.origin.api_v2)
        known = self._known.get(key)
        if known is None:
            known = self._known.setdefault(key, (slice_, resource.read(kind)))
        body: T | Undecodable = known[1] if known[0] is slice_ or bytes(known[0]) == text else resource.read(kind)
        return body


@contextmanager
def collector_paused() -> Iterator[None]:
    """Without the cyclic collector, which would walk millions of young objects again: bulk reading makes no cycles."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
