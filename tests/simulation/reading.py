"""Typed messages and requests for these tests, written as JSON would be."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from meshscope.simulation.connection import HttpRequest
from meshscope.xds.message import decode

T = TypeVar("T")


def read(kind: type[T], value: object) -> T:
    found = decode(json.dumps(value).encode(), kind)
    assert isinstance(found, kind), found
    return found


def asking(path: str = "/", *headers: tuple[str, str], **fields: Any) -> HttpRequest:
    return HttpRequest(path=path, headers=headers, **{"authority": "shop.example", **fields})
