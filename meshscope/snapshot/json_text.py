"""A structured text as JSON slices: JSON unchanged, YAML converted once. Meaning is for the rooms above.

YAML is read as Envoy and Kubernetes read it: `on`, `12:30` and dates are text, anchors and merge keys work. An alias
bomb (a small text that expands without end) is refused by its expanded size.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec
from msgspec import Raw

from meshscope.line_numbers import json_values
from meshscope.location import Document
from meshscope.untyped import number

FEW_NODES, NODES_OF_A_BYTE = 10_000, 4
"""Values that YAML may have once its aliases are written out: a few in any text, and so many for each of its bytes. Without
aliases a value takes two bytes.
"""
_DEEPEST_YAML = 900
YAML_PREAMBLE = rb"(?:\s++|[#%][^\n]*+(?:\n|\Z))*+"
"""Blank lines, comments and directives before the first line of YAML. A line matches in one way only: `#.*`, repeated, would
take exponential time on a line of many `#`."""

FENCE_AT_THE_MARGIN = re.compile(rb"^(?:`{3,}|~{3,})", re.MULTILINE)
"""The start of a code block of Markdown. No line of YAML starts like this, not even in a text inside it, which is indented."""


class GarbledError(Exception):
    """The text is neither sound JSON nor sound YAML; the message is one clear line."""


def values_of(document: Document) -> tuple[Raw, ...]:
    """The top-level values of a text, in order; several where JSON values or YAML documents follow one another.

    Raises GarbledError, also for a JSON text of which only the end is damaged. A document that could not be loaded has no
    values; its failure says why.
    """
    body = document.body
    if document.failure:
        return ()
    if not body.strip():
        raise GarbledError("empty")
    if document.is_json:
        try:
            return tuple(value for _, value in json_values(body))
        except RecursionError:
            raise GarbledError("nested too deeply") from None
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            if not _may_be_flow_yaml(body):
                raise GarbledError(_one_line(error)) from None
    return tuple(_yaml_values(body))


def _may_be_flow_yaml(body: bytes) -> bool:
    """`{a: 1}` and `[a, b]` are YAML; only a short text is tried, a broken dump of megabytes is not."""
    return len(body) < 1_000_000 and not re.match(rb'\s*[{\[]\s*(?:["{\[]|\Z)', body)


def _yaml_values(body: bytes) -> Iterator[Raw]:
    import yaml  # only texts in YAML pay for it

    from meshscope.snapshot.plain_yaml import plain_documents  # it imports yaml

    try:
        plain = plain_documents(body, _loader())
        others = yaml.load_all(body, _loader()) if plain is None else ()  # a SafeLoader with fewer scalar types
        has_ignored = b"!ignore" in body
        left = most = FEW_NODES + NODES_OF_A_BYTE * len(body)
        for value, nodes in plain or ((value, _expanded(value, {}, most)) for value in others):
            left -= nodes
            if left < 0:
                raise GarbledError("its YAML aliases expand without a sensible bound")
            if value is not None:
                yield Raw(msgspec.json.encode(_without_ignored(value) if has_ignored else value))
    except yaml.YAMLError as error:
        raise GarbledError(_one_line(error)) from None
    except RecursionError:
        raise GarbledError("nested too deeply") from None
    except (ValueError, TypeError, OverflowError) as error:
        raise GarbledError(_one_line(error)) from None


def _expanded(value: Any, seen: dict[int, int], most: int, depth: int = 0) -> int:
    """Nodes of a value with every alias written out; an alias to its own parent counts as endless."""
    from meshscope.snapshot.plain_yaml import nodes_of  # it imports yaml

    if not isinstance(value, (dict, list)):
        return nodes_of(value) if isinstance(value, str) else 1
    if depth > _DEEPEST_YAML:
        raise RecursionError
    if id(value) not in seen:
        seen[id(value)] = most + 1
        members = value.values() if isinstance(value, dict) else value
        seen[id(value)] = 1 + sum(_expanded(member, seen, most, depth + 1) for member in members)
    return seen[id(value)]


@cache
def _loader() -> Any:
    import yaml  # only texts in YAML pay for it

    from meshscope.snapshot.plain_yaml import decimal  # it imports yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # chosen at run time
        yaml_implicit_resolvers: dict[str, Any] = {}  # PyYAML's own attribute

    for tag, pattern, first in (
        ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
        ("int", r"[-+]?[0-9]+|0x[0-9a-fA-F]+", "-+0123456789"),
        ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
        ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
        ("merge", r"<<", "<"),
    ):
        Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(rf"^(?:{pattern})$"), list(first))
    Loader.add_constructor("tag:yaml.org,2002:float", lambda _loader, node: number(node.value))
    Loader.add_constructor("tag:yaml.org,2002:int", lambda _loader, node: decimal(node.value))
    Loader.add_constructor("!ignore", lambda _loader, _node: _IGNORED)
    Loader.add_multi_constructor("!", _untagged)
    return Loader


def _untagged(loader: Any, _tag: str, node: Any) -> Any:
    """A private tag (`!Exact`, a template's `!reference`) does not change the value's form: it is ignored."""
    if isinstance(node.value, str):
        return loader.construct_scalar(node)
    return (
        loader.construct_mapping(node, deep=True)
        if node.id == "mapping"
        else loader.construct_sequence(node, deep=True)
    )


_IGNORED = "\0ignored"


def _without_ignored(value: Any) -> Any:
    """Without the members whose key is tagged `!ignore`, as in Envoy: they hold anchors for the rest of the file."""
    if isinstance(value, dict):
        return {key: _without_ignored(member) for key, member in value.items() if key != _IGNORED}
    return [_without_ignored(item) for item in value] if isinstance(value, list) else value


def _one_line(error: Exception) -> str:
    return re.sub(r"\s+", " ", str(error)).strip() or type(error).__name__
