"""Schemas of CustomResourceDefinitions (OpenAPI v3) as shapes. Descriptions and rules in CEL are left out.

https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/custom-resource-definition-v1/#JSONSchemaProps
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Raw

from meshscope.istio.fields.shape import INT_OR_STRING, Shape

_CHECKED_FORMATS = ("ipv4", "ipv6")
_LIMITS = {
    "minimum": "minimum",
    "maximum": "maximum",
    "minLength": "min_length",
    "maxLength": "max_length",
    "minItems": "min_items",
    "maxItems": "max_items",
    "minProperties": "min_fields",
    "maxProperties": "max_fields",
    "pattern": "pattern",
    "default": "default",
}
_X = "x-kubernetes-"


class ShapeBuilder:
    """Collects the shapes of schemas; `stored` is the table."""

    def __init__(self) -> None:
        self._numbers: dict[bytes, int] = {}

    @property
    def stored(self) -> tuple[Raw, ...]:
        return tuple(map(Raw, self._numbers))

    def add(self, schema: dict[str, Any]) -> int:
        """The number of a schema's shape. Raises ValueError where it is no schema."""
        try:
            encoded = msgspec.json.encode(msgspec.convert(self._members(schema), Shape), order="sorted")
        except (AttributeError, TypeError, msgspec.ValidationError) as error:
            raise ValueError(str(error)) from error
        return self._numbers.setdefault(encoded, len(self._numbers))

    def _members(self, schema: dict[str, Any]) -> dict[str, Any]:
        members = {ours: schema[theirs] for theirs, ours in _LIMITS.items() if schema.get(theirs) is not None}
        if schema.get("format") == "int32":
            members = {"minimum": -(2**31), "maximum": 2**31 - 1, **members}
        is_int_or_string = schema.get(f"{_X}int-or-string") is True
        values = schema.get("additionalProperties")
        return members | {
            "type": INT_OR_STRING if is_int_or_string else schema.get("type", ""),
            "fields": {name: self.add(inner) for name, inner in schema.get("properties", {}).items()},
            "required": schema.get("required", ()),
            "items": self.add(schema["items"]) if "items" in schema else None,
            "values": self.add(values) if isinstance(values, dict) else None,
            "is_open": values is True or _any(schema, "preserve-unknown-fields", "embedded-resource"),
            "nullable": schema.get("nullable", False),
            "enum": schema.get("enum", ()),
            "format": schema.get("format") if schema.get("format") in _CHECKED_FORMATS else "",
            "excludes_minimum": schema.get("exclusiveMinimum", False),
            "excludes_maximum": schema.get("exclusiveMaximum", False),
            "keys": schema.get(f"{_X}list-map-keys", ()),
            "is_set": schema.get(f"{_X}list-type") == "set",
            "all_of": self._all(schema, "allOf"),
            "any_of": () if is_int_or_string else self._all(schema, "anyOf"),
            "one_of": self._all(schema, "oneOf"),
            "not": self.add(schema["not"]) if "not" in schema else None,
        }

    def _all(self, schema: dict[str, Any], key: str) -> tuple[int, ...]:
        return tuple(map(self.add, schema.get(key, ())))


def _any(schema: dict[str, Any], *extensions: str) -> bool:
    return any(schema.get(_X + extension) is True for extension in extensions)
