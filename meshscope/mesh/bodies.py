"""Typed bodies of resources, read once. Equal bodies are shared between proxies by their hash.

Safe to use from several threads: a lost race reads the same slice twice, and either value is right.
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
    """Slices are told apart by their hash and length, and compared before one stands for another."""

    def __init__(self) -> None:
        self._known: dict[tuple[type[Any], int, int, bool, bool], tuple[memoryview, Any]] = {}

    def read(self, resource: Resource, kind: type[T]) -> T | Undecodable:
        slice_ = memoryview(resource.raw)
        key = (kind, hash(bytes(slice_)), len(slice_), resource.origin.rewritten, resource.origin.api_v2)
        known = self._known.get(key)
        if known is not None and known[0] == slice_:
            found: T | Undecodable = known[1]
            return found
        value = resource.read(kind)
        self._known[key] = (slice_, value)
        return value


@contextmanager
def collector_paused() -> Iterator[None]:
    """The cyclic collector would walk millions of young objects again and again; bulk reading makes no cycles."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
