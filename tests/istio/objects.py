"""Objects for tests: read from a recorded manifest, or built from a few fields."""

from __future__ import annotations

import json

from meshscope.istio.manifest import Object, read_objects
from meshscope.location import Document

from .documents import document


def recorded_object(kind: str, name: str, file: str = "kubernetes.yaml") -> Object:
    objects, _ = read_objects(document("manifests", file))
    return next(one for one in objects if (one.kind, one.name) == (kind, name))


def built_object(kind: str, api_version: str = "v1", **fields: object) -> Object:
    """Named `a` in the namespace `shop`."""
    body = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "a", "namespace": "shop"}, **fields}
    (built,), _ = read_objects(Document.of("text", json.dumps(body).encode()))
    return built
