"""Kubernetes' own kinds, as far as a simulated request needs them, with the API's field names; one module for each.

Defaults are the API server's. Fields without a member here remain in the object's body.
"""

from __future__ import annotations

from typing import TypeVar

from msgspec import Struct

from meshscope.istio.decoding import decode_slice
from meshscope.istio.manifest import Object
from meshscope.path import path_text
from meshscope.snapshot.snapshot import Problem

K = TypeVar("K", bound=Struct)


def decode(object_: Object, type_: type[K]) -> K | Problem:
    """The object's body as one of these kinds. The caller chooses the type that fits `object_.kind`."""
    location = object_.location
    where = f"{object_} ({path_text(location.path)})" if location.path else str(object_)
    return decode_slice(object_.body, type_, location.document.name, where)
