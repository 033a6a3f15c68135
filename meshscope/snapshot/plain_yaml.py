"""YAML without tags and merge keys, as people and exporters write it, built straight from the parser's events.

Invariant: the result is what the loader itself would build, in half the time. Any other YAML is left to the loader.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import yaml

from meshscope.untyped import number

_MERGE = "tag:yaml.org,2002:merge"
_NO_KEY = object()
_DEEPEST = 400


class _Unusual(Exception):  # noqa: N818  # not an error: the loader takes over
    """YAML that only the loader can read."""


def plain_documents(body: bytes, loader: Any) -> list[tuple[Any, int]] | None:
    """The documents of a text as the loader's class reads them, each with its number of nodes, aliases written out.

    None for a text that only the loader can read, or refuse.
    """
    documents: list[tuple[Any, int]] = []
    building = _Building(loader)
    try:
        parser = loader(body)
        while (kind := type(event := parser.get_event())) is not yaml.StreamEndEvent:
            if kind is yaml.ScalarEvent:
                building.put(building.scalar(event), nodes_of(event.value), event.anchor)
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                building.opened(event)
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                building.closed()
            elif kind is yaml.AliasEvent:
                building.put(*building.aliased(event.anchor), None)
            elif kind is yaml.DocumentEndEvent:
                documents.append((building.document, building.nodes))
                building = _Building(loader)
    except (_Unusual, yaml.YAMLError, ValueError):
        return None
    return documents


def nodes_of(text: str) -> int:
    """What a scalar counts: an alias to a long text is written out as often as one to many values."""
    return 1 + len(text) // 16


class _Building:
    """One document. An anchored value has no aliases inside, so that none can hold itself or grow without end."""

    def __init__(self, loader: Any) -> None:
        self.document: Any = None
        self.nodes = 0
        self._resolvers = loader.yaml_implicit_resolvers
        self._anchors: dict[str | None, tuple[Any, int]] = {}
        self._around: list[tuple[Any, Any, str | None, int]] = []
        self._here: Any = None
        self._key: Any = _NO_KEY
        self._anchor: str | None = None
        self._anchored = 0

    def put(self, value: Any, nodes: int, anchor: str | None) -> None:
        here, key = self._here, self._key
        if anchor is not None:
            if anchor in self._anchors:
                raise _Unusual
            self._anchors[anchor] = (value, nodes)
        if here is None:
            self.document = value
            self.nodes = nodes
        elif isinstance(here, list):
            here.append(value)
            self.nodes += nodes
        elif key is not _NO_KEY:
            here[key], self._key = value, _NO_KEY
            self.nodes += nodes
        elif isinstance(value, (dict, list)):
            raise _Unusual
        else:
            self._key = value

    def opened(self, event: Any) -> None:
        if event.tag is not None or len(self._around) == _DEEPEST:
            raise _Unusual
        self._around.append((self._here, self._key, self._anchor, self.nodes))
        self._here = {} if isinstance(event, yaml.MappingStartEvent) else []
        self._key, self._anchor, self.nodes = _NO_KEY, event.anchor, 1
        self._anchored += event.anchor is not None

    def closed(self) -> None:
        value, anchor, nodes = self._here, self._anchor, self.nodes
        self._anchored -= anchor is not None
        self._here, self._key, self._anchor, self.nodes = self._around.pop()
        self.put(value, nodes, anchor)

    def aliased(self, anchor: str | None) -> tuple[Any, int]:
        if self._anchored or anchor not in self._anchors:
            raise _Unusual
        return self._anchors[anchor]

    def scalar(self, event: Any) -> Any:
        """A plain scalar has the type of the loader's own patterns; any other one is text."""
        text = event.value
        if event.tag is not None:
            raise _Unusual
        if event.implicit[0]:
            for tag, pattern in self._resolvers.get(text[:1], ()):
                if pattern.match(text):
                    if tag == _MERGE:
                        raise _Unusual
                    return _READ[tag](text)
        return text


def decimal(text: str) -> int:
    """YAML 1.2 integers: `0777` is seven hundred and seventy-seven, not an octal number."""
    return int(text, 16) if text.lower().lstrip("+-").startswith("0x") else int(text)


_READ: dict[str, Callable[[str], Any]] = {
    "tag:yaml.org,2002:bool": lambda text: text.lower() == "true",
    "tag:yaml.org,2002:int": decimal,
    "tag:yaml.org,2002:float": number,
    "tag:yaml.org,2002:null": lambda _: None,
}
