"""Write docs/schema/*.json: the JSON Schemas of every answer, generated from the types that make them.

uv run python scripts/make_schema.py            write the files
uv run python scripts/make_schema.py --check    exit 1 if a file differs from its type
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Raw

from meshscope.effect.answer import ObjectEffect, RuleEffect
from meshscope.effect.described import Attribution
from meshscope.istio.kinds.resources import RESOURCE_KINDS
from meshscope.listing.describe import Description
from meshscope.listing.kinds.objects import kind_for
from meshscope.listing.mention import Mention
from meshscope.listing.registry import KINDS, kind_of_name
from meshscope.location import Location, Place
from meshscope.overlay.both_sides import BothSides
from meshscope.overlay.change import Change
from meshscope.simulation.trace import Trace

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "schema"
SHARED = ("VirtualService", "DestinationRule", "Gateway", "Service", "Pod")
"""Kinds of manifests with a schema of their own; the others have the same fields and further columns."""


def schemas() -> dict[str, dict[str, Any]]:
    """File name -> schema."""
    by_name = {f"get-{name}": answer(kind_of_name(name).row, name) for name in KINDS}
    for entry in RESOURCE_KINDS:
        if entry.kind in SHARED:
            name = f"{entry}.core" if str(entry) in KINDS else str(entry)
            by_name[f"get-{name}"] = answer(kind_for(entry).row, name)
    by_name["describe"] = {**both(Description, Attribution), "title": "describe KIND/NAME -o json"}
    by_name["trace"] = {**schema(Trace), "title": "trace [SOURCE] DEST -o json"}
    by_name["find"] = answer(Mention, "find")
    by_name["effect"] = answer(RuleEffect, "effect KIND/NAME")
    by_name["effect-all"] = answer(ObjectEffect, "effect")
    by_name["effect-with"] = answer(Change, "effect --with FILE")
    by_name["trace-with"] = {**schema(BothSides), "title": "trace [SOURCE] DEST --with FILE -o json"}
    return by_name


def both(one: type[Any], other: type[Any]) -> dict[str, Any]:
    """The schema of an object with the fields of two types."""
    found, more = schema(one), schema(other)
    definitions = {**found["$defs"], **more["$defs"]}
    fields = definitions[one.__name__]["properties"] | definitions.pop(other.__name__)["properties"]
    definitions[one.__name__]["properties"] = fields
    return {**found, "$defs": definitions}


def answer(row: type[Any], name: str) -> dict[str, Any]:
    """The envelope `{"version": 1, "items": […], "missing": […], "problems": […]}` around a row's schema."""
    item = schema(row)
    definitions = item.pop("$defs", {})
    problem = {"type": "object", "properties": {"document": {"type": "string"}, "message": {"type": "string"}}}
    return {
        "title": f"{name} -o json" if name.startswith(("find", "effect")) else f"get {name} -o json",
        "type": "object",
        "properties": {
            "version": {"const": 1},
            "items": {"type": "array", "items": item},
            "missing": {"type": "array", "items": {"type": "string"}},
            "problems": {"type": "array", "items": problem},
        },
        "required": ["version", "items", "missing", "problems"],
        "$defs": definitions,
    }


def schema(kind: type[Any]) -> dict[str, Any]:
    """A type's schema. A Location appears in answers as a Place."""
    locations: set[str] = set()
    place = {"type": "object", "properties": {
        "document": {"type": "string"}, "path": {"type": "string"},
        "line": {"type": ["integer", "null"]}, "column": {"type": ["integer", "null"]}}}  # fmt: skip
    assert set(place["properties"]) == set(Place.__struct_fields__)  # noqa: S101  # the line above repeats a type

    def hook(other: type[Any]) -> dict[str, Any]:
        if other is Raw:
            return {"description": "any JSON"}
        if other is Location:
            locations.add(other.__name__)
            return {"$ref": f"#/$defs/{other.__name__}"}
        raise NotImplementedError(str(other))

    made = msgspec.json.schema(kind, schema_hook=hook)
    for definition in made.setdefault("$defs", {}).values():
        definition.pop("additionalProperties", None)  # what a matcher refuses to read, an answer may have tomorrow
    made["$defs"].update(dict.fromkeys(locations, place))
    return made


def main() -> int:
    wanted = {f"{name}.json": json.dumps(value, indent=1, sort_keys=True) + "\n" for name, value in schemas().items()}
    if "--check" in sys.argv[1:]:
        there = {file.name: file.read_text() for file in FOLDER.glob("*.json")}
        return 0 if there == wanted else 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    for file in FOLDER.glob("*.json"):
        file.unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text)
    print(f"{len(wanted)} schemas in docs/schema")
    return 0


if __name__ == "__main__":
    sys.exit(main())
