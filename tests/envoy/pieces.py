"""Recorded pieces of configuration, and the ways in which these tests write and compare them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Raw, Struct

from meshscope.envoy.dump import Dump
from meshscope.envoy.reading import read_dump
from meshscope.location import Document
from meshscope.path import camel
from meshscope.snapshot.json_text import values_of
from meshscope.xds.extension import Extension
from meshscope.xds.message import present

DUMPS = Path(__file__).parents[1] / "data/envoy/dumps"
ADMIN, ADMIN_V2 = "type.googleapis.com/envoy.admin.v3.", "type.googleapis.com/envoy.admin.v2alpha."
FILTERS = "type.googleapis.com/envoy.extensions.filters."
TLS = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3."


def recorded(name: str) -> Any:
    return json.loads((DUMPS / name).read_bytes())


def section(recording: str, name: str) -> Any:
    """One section of a recorded dump: `section("sidecar.json", "Clusters")`."""
    return next(each for each in recorded(recording)["configs"] if each["@type"].endswith(f".{name}ConfigDump"))


def document(value: object, name: str = "dump.json") -> Document:
    """A text as it is; anything else as JSON in many lines, so that places are told apart."""
    if isinstance(value, str):
        value = value.encode()
    return Document.of(name, value if isinstance(value, bytes) else json.dumps(value, indent=1).encode())


def dumps_of(value: object, name: str = "dump.json") -> list[Dump]:
    """The dumps of a text: one for each of the values that stand in a row."""
    text = document(value, name)
    values = values_of(text)
    return [read_dump(text, each, (index,) if len(values) > 1 else ()) for index, each in enumerate(values)]


def dump_of(value: object, name: str = "dump.json") -> Dump:
    (only,) = dumps_of(value, name)
    return only


def listed(dump: Dump) -> list[tuple[str, str, str]]:
    """Kind, name and state of each resource."""
    return [(resource.kind, resource.name, resource.state) for resource in dump.resources]


class Data(dict[str, Any]):
    """A map whose keys are data, and all that is below it."""


class Keyed(dict[str, Any]):
    """A map whose keys are data and whose values are messages."""


def camelcase(value: Any) -> Any:
    """A snake_case message as protobuf's JSON writes it."""
    if isinstance(value, list):
        return [camelcase(item) for item in value]
    if isinstance(value, Data) or not isinstance(value, dict):
        return value
    if isinstance(value, Keyed):
        return {key: camelcase(member) for key, member in value.items()}
    return {camel(key): camelcase(member) for key, member in value.items()}


def plain(value: Any) -> Any:
    """A typed message with all that it holds, comparable: extensions by their configuration, slices decoded."""
    if isinstance(value, Extension):
        return {"name": value.name, "type": value.type_name, "config": plain(value.config)}
    if isinstance(value, Raw):
        return msgspec.json.decode(value) if present(value) else None
    if isinstance(value, Struct):
        return {type(value).__name__: {name: plain(getattr(value, name)) for name in value.__struct_fields__}}
    if isinstance(value, dict):
        return {key: plain(member) for key, member in value.items()}
    return [plain(item) for item in value] if isinstance(value, (tuple, list)) else value
