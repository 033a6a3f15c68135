"""Typed bodies of resources, read once. Equal bodies are shared between proxies by their hash.

Safe to use from several threads: a lost race reads the same slice twice, and either value is right.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from typing import Any, TypeVar

from meshscope.envoy.resource import Resource
from meshscope.xds.message import Undecodable

T = TypeVar("T")


class Bodies:
    def __init__(self) -> None:
        self._by_content: dict[tuple[type[Any], bytes, bool], Any] = {}

    def read(self, resource: Resource, kind: type[T]) -> T | Undecodable:
        digest = blake2b(resource.raw, digest_size=16).digest()
        key = (kind, digest, resource.dump.rewritten)
        value: T | Undecodable | None = self._by_content.get(key)
        if value is None:
            value = self._by_content[key] = resource.read(kind)
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
