"""Dynamic metadata: values by namespace that a filter leaves with a request for the filters after it.

https://www.envoyproxy.io/docs/envoy/latest/configuration/advanced/well_known_dynamic_metadata
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from meshscope.simulation.connection import HttpRequest

LB = "envoy.lb"
"""The namespace that subsets of a cluster are made of, and asked for by."""


def with_metadata(request: HttpRequest, namespace: str, values: dict[str, Any]) -> HttpRequest:
    """The request after a filter has set these values: they are merged into those of the namespace."""
    return replace(request, metadata=merged_metadata(request.metadata, namespace, values)) if values else request


def merged_metadata(metadata: dict[str, Any], namespace: str, values: dict[str, Any]) -> dict[str, Any]:
    return {**metadata, namespace: _merged(metadata.get(namespace), values)} if values else metadata


def _merged(old: Any, new: Any) -> Any:
    """Structs merge field by field, lists add up, anything else is replaced."""
    if isinstance(old, dict) and isinstance(new, dict):
        return {**old, **{key: _merged(old.get(key), value) for key, value in new.items()}}
    return [*old, *new] if isinstance(old, list) and isinstance(new, list) else new
