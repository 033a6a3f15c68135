"""Where the question of effect is offered: at objects of kinds that have one."""

from __future__ import annotations

from typing import Any

from meshscope.listing.describe import Description
from meshscope.listing.kind import Kind


def has_effect(kind: Kind[Any]) -> bool:
    entry = getattr(kind, "entry", None)  # manifests alone have one
    if entry is None:
        return False
    from meshscope.effect.effects import kind_named  # only where manifests are shown

    return kind_named(entry.kind, entry.group) is not None


def name_of_row(row: object) -> str:
    """`VirtualService default/reviews` for the row of a manifest, "" for any other one."""
    kind, name = getattr(row, "kind", ""), getattr(row, "name", "")
    return f"{kind} {getattr(row, 'namespace', '') or 'default'}/{name}" if kind and name else ""


def name_of_thing(thing: Description) -> str:
    """The same of an object that is shown whole; "" where it has no name."""
    if not isinstance(thing.object, dict) or not isinstance(metadata := thing.object.get("metadata"), dict):
        return ""
    kind, name = thing.object.get("kind"), metadata.get("name")
    return f"{kind} {metadata.get('namespace') or 'default'}/{name}" if kind and name else ""
