"""The shapes of kinds: of a CustomResourceDefinition in the input, else of the facts that come with the program."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pkgutil import get_data  # a tenth of the time of importlib.resources

import msgspec
from msgspec import Raw

from meshscope.istio.fields.rule import Rule, RuleTable
from meshscope.istio.fields.shape import ShapeTable
from meshscope.istio.kubernetes import decode
from meshscope.istio.kubernetes.custom_resource_definition import (
    CustomResourceDefinition,
    CustomResourceDefinitionSpec,
)
from meshscope.istio.manifest import Object
from meshscope.once import once
from meshscope.snapshot.snapshot import Problem
from meshscope.typed import Typed

FILES = {
    "networking.istio.io": "istio.json",
    "security.istio.io": "istio.json",
    "telemetry.istio.io": "istio.json",
    "extensions.istio.io": "istio.json",
    "gateway.networking.k8s.io": "gateway_api.json",
    "gateway.networking.x-k8s.io": "gateway_api.json",
    "inference.networking.k8s.io": "neighbours.json",
    "multicluster.x-k8s.io": "neighbours.json",
}
"""The file that has the kinds of a group."""
DEFINITIONS = ("CustomResourceDefinition", "apiextensions.k8s.io")
"""Kind and group of what tells shapes in the input."""


class FactsFile(Typed, frozen=True):
    """`about` says of which version the facts are. `kinds` maps `group/version/kind` to the number of its shape."""

    about: str
    kinds: dict[str, int]
    shapes: tuple[Raw, ...]


class KindShape:
    """The shape of a kind in a version, as a rule. `about` says whence it is known."""

    __slots__ = ("about", "rule")

    def __init__(self, about: str, rule: Rule) -> None:
        self.about, self.rule = about, rule


class Facts:
    """`definitions` are the CustomResourceDefinitions of the input, which win."""

    def __init__(self, definitions: Iterable[Object] = ()) -> None:
        self._definitions = tuple(definitions)
        self._found: dict[tuple[str, str, str], KindShape | None] = {}

    def shape_of(self, item: Object) -> KindShape | None:
        """None where the kind is not known in that version."""
        key = (item.group, item.version, item.kind)
        if key not in self._found:
            self._found[key] = self._of_input(*key) or _carried(*key)
        return self._found[key]

    def _of_input(self, group: str, version: str, kind: str) -> KindShape | None:
        item, definition = self._by_kind.get((group, kind), (None, None))
        if definition is None:
            return None
        schema = next((one.schema.open_api_v3_schema for one in definition.versions if one.name == version), Raw())
        return _read(schema, str(item))

    @once
    def _by_kind(self) -> dict[tuple[str, str], tuple[Object, CustomResourceDefinitionSpec]]:
        found = {}
        for item in self._definitions:
            read = decode(item, CustomResourceDefinition)
            if not isinstance(read, Problem) and not read.spec.preserve_unknown_fields:
                found[read.spec.group, read.spec.names.kind] = (item, read.spec)
        return found


def _read(schema: Raw, about: str) -> KindShape | None:
    """None for a schema that is absent or malformed."""
    from meshscope.istio.fields.openapi import ShapeBuilder  # only where the input has definitions

    builder = ShapeBuilder()
    try:
        number = builder.add(msgspec.json.decode(schema))
    except (ValueError, RecursionError):
        return None
    return KindShape(about, RuleTable(ShapeTable(builder.stored))[number])


def _carried(group: str, version: str, kind: str) -> KindShape | None:
    file = FILES.get(group)
    if file is None:
        return None
    facts, table = _loaded(file)
    number = facts.kinds.get(f"{group}/{version}/{kind}")
    return None if number is None else KindShape(facts.about, table[number])


@cache
def _loaded(file: str) -> tuple[FactsFile, RuleTable]:
    facts = msgspec.json.decode(get_data(__package__, file) or b"", type=FactsFile)
    return facts, RuleTable(ShapeTable(facts.shapes))


@cache
def field_names() -> frozenset[str]:
    """Every field of every kind of Istio and the Gateway API that this program knows."""
    found: set[str] = set()
    for file in set(FILES.values()):
        facts, _ = _loaded(file)
        found.update(name for shape in facts.shapes for name in msgspec.json.decode(shape, type=_Fields).fields)
    return frozenset(found)


class _Fields(Typed, frozen=True):
    fields: dict[str, int] = {}
