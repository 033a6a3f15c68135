"""Configuration in any form -> a Dump.

A whole dump takes one scan (`section_reader`); what that refuses, and every other form, is read by `fallback_reader`. Dumps may
stand below the names of their proxies (`unwrapped`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec
from msgspec import Raw

from meshscope.envoy.dump import Dump
from meshscope.envoy.dump_builder import FAILURES, DumpBuilder, opener
from meshscope.envoy.section_reader import read_sections
from meshscope.envoy.static_resources import read_statics
from meshscope.line_numbers import first_value_length
from meshscope.location import Document
from meshscope.path import Path
from meshscope.snapshot.json_text import GarbledError, values_of
from meshscope.snapshot.snapshot import Problem
from meshscope.xds.message import decode
from meshscope.xds.node import Node

_DUMP_TEXT = re.compile(rb'\s*+\{\s*+"configs"\s*+:')
_NODE_FIRST = re.compile(
    rb'\s*+\{\s*+"configs"\s*+:\s*+\[\s*+\{\s*+"@type"\s*+:\s*+"type.googleapis.com/envoy.admin.v3.BootstrapConfigDump"\s*+,'
    rb'\s*+"bootstrap"\s*+:\s*+\{\s*+"node"\s*+:\s*+(?=\{)'
)
_object = msgspec.json.Decoder(dict[str, Raw])
_array = msgspec.json.Decoder(list[Raw])
_DEEPEST = 3
"""So many names may stand around a dump."""


def is_dump_text(body: bytes | Raw) -> bool:
    """Whether a text begins as Envoy's own dump does. The rest is not read."""
    return bool(_DUMP_TEXT.match(body))


def node_at_the_start(document: Document) -> Node | None:
    """The node at the start of Envoy's own dump, without indexing anything; None where a document starts otherwise."""
    body = document.body
    if (start := _NODE_FIRST.match(body)) is None:
        return None
    rest = memoryview(body)[start.end() :]
    try:
        node = decode(Raw(rest[: first_value_length(rest)]), Node)
    except FAILURES:
        return None
    return node if isinstance(node, Node) and node.id else None


def read_whole(document: Document) -> Dump | None:
    """The index of a text that is one dump and nothing else; None for any other text. One scan reads and proves it."""
    builder = DumpBuilder(document)
    if not read_sections(builder, document.body, ()):
        return None
    read_statics(builder)
    return builder.dump()


def read_dump(document: Document, value: Raw, path: Path = ()) -> Dump:
    """The index of one top-level value of a document that was recognised as Envoy's configuration; `path` leads to it."""
    builder = DumpBuilder(document)
    if not read_sections(builder, value, path):
        from meshscope.envoy.fallback_reader import read_pieces  # most are whole dumps

        read_pieces(builder, value, path)
    read_statics(builder)
    return builder.dump()


def unwrapped(value: Raw) -> Iterator[tuple[Path, Raw]]:
    """The dumps in a value, each with its path: the value itself, those below names of proxies, or those of CSDS' clients.

    `egctl x translate` writes the second form: xds → NAME → dump. The third is `{"config": [ClientConfig, …]}`.
    """
    yield from list(_dumps_below(value, _DEEPEST)) or [((), value)]


def _dumps_below(value: Raw, depth: int) -> Iterator[tuple[Path, Raw]]:
    try:
        members = _object.decode(value) if opener(value) == b"{" else {}
        if members.keys() == {"config"} and opener(members["config"]) == b"[":
            yield from ((("config", number), item) for number, item in enumerate(_array.decode(members["config"])))
            return
    except FAILURES:
        return
    if "configs" in members:
        yield (), value
    elif depth and "bootstrap" not in members and all(opener(member) == b"{" for member in members.values()):
        yield from (((key, *path), body) for key, one in members.items() for path, body in _dumps_below(one, depth - 1))


def read_document(document: Document, values: tuple[Raw, ...] = ()) -> tuple[list[tuple[Path, Dump]], list[Problem]]:
    """The dumps of a document, each with the names around it. `values` are its top-level values, if they are read already."""
    if not values and is_dump_text(document.body) and (whole := read_whole(document)) is not None:
        return [((), whole)], list(whole.problems)
    try:
        values = values or values_of(document)
    except GarbledError as garbled:
        return [], [Problem(document.name, f"not readable: {garbled}")]
    dumps: list[tuple[Path, Dump]] = []
    problems: list[Problem] = []
    for index, value in enumerate(values):
        start = (index,) if len(values) > 1 else ()
        for path, body in unwrapped(value):
            dump = read_dump(document, body, (*start, *path))
            problems.extend(dump.problems)
            if dump.resources or dump.evidence:
                dumps.append((path, dump))
    return dumps, problems
