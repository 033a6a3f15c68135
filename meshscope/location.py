"""Where a fact was written: a document and a path into it.

A path is kept as keys and indices; line and column are worked out only when they are shown. JSON is scanned level by
level (each level's members are found as slices, in C), YAML takes the composer's marks. A path in canonical (snake_case)
spelling is followed in a camelCase document too, and ends at the deepest member that the document really has.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property

import msgspec
from msgspec import Raw, Struct

Path = tuple[str | int, ...]


class Document:
    """A captured text: the name under which its user finds it, and its bytes, read when first asked for.

    `skipped_lines` counts lines of the user's file that are not part of `body` (a `200` status line before it).
    `load` returns the whole body; it is called at most once and may raise OSError.
    """

    def __init__(self, name: str, load: Callable[[], bytes], *, skipped_lines: int = 0) -> None:
        self.name = name
        self.skipped_lines = skipped_lines
        self._load = load

    @classmethod
    def of(cls, name: str, body: bytes, *, skipped_lines: int = 0) -> Document:
        return cls(name, lambda: body, skipped_lines=skipped_lines)

    @cached_property
    def body(self) -> bytes:
        return self._load()

    @cached_property
    def is_json(self) -> bool:
        """JSON starts with a bracket and goes on with a quote, a number or another one; YAML in flow style may not."""
        return bool(re.match(rb'\s*(?:\{\s*["}]|\[\s*["\]{\[\dtfn-])', self.body[:4096]))

    @cached_property
    def places(self) -> Places:
        return JsonPlaces(self) if self.is_json else YamlPlaces(self)

    def __repr__(self) -> str:
        return f"Document({self.name!r})"


class Place(Struct, frozen=True):
    """A location as it is shown: line and column count from 1; None where the document has no such place."""

    document: str
    path: str
    line: int | None = None
    column: int | None = None


class Location(Struct, frozen=True):
    """A fact's place: `path` leads from the top of the document to it."""

    document: Document
    path: Path = ()

    def __truediv__(self, part: str | int) -> Location:
        return Location(self.document, (*self.path, part))

    def below(self, parts: Iterable[str | int]) -> Location:
        return Location(self.document, (*self.path, *parts))

    def place(self) -> Place:
        path, line, column = self.document.places.find(self.path)
        return Place(self.document.name, written(path), line, column)


def written(path: Sequence[str | int]) -> str:
    """`configs[1].cluster`, as jq and kubectl's jsonpath write it; an odd key in brackets and quotes."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif re.fullmatch(r"[\w@/$-]+", part):
            text += f".{part}" if text else part
        else:
            text += "[" + msgspec.json.encode(part).decode() + "]"
    return text


def camel(key: str) -> str:
    """protobuf's JSON name of a field: `typed_config` -> `typedConfig`."""
    head, *tail = key.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in tail)


class Places:
    """Finds paths in one document. `find` answers the path as the document spells it, its line and its column."""

    def __init__(self, document: Document) -> None:
        self.document = document

    def find(self, path: Path) -> tuple[Path, int | None, int | None]:
        raise NotImplementedError

    def _spelled(self, key: str | int, members: dict[str | int, object]) -> str | int | None:
        """The member's own spelling of a key, or None. Old Pilots write objects with capitals (`Spec`)."""
        if key in members or isinstance(key, int):
            return key if key in members else None
        return next((other for other in (camel(key), key.capitalize()) if other in members), None)


_WHOLE = msgspec.json.Decoder(Raw)
_ARRAY = msgspec.json.Decoder(list[Raw])
_OBJECT = msgspec.json.Decoder(dict[str, Raw])
_KEPT_LEVELS = 20_000


class JsonPlaces(Places):
    """Slices of slices. Levels that were looked into are kept, so that neighbours are found without another scan."""

    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self._levels: dict[Path, dict[str | int, tuple[int, Raw]]] = {}
        self._last = (0, 1)

    def find(self, path: Path) -> tuple[Path, int | None, int | None]:
        found: Path = ()
        at, raw = self._top
        for key in path:
            members = self._members(found, at, raw)
            name = self._spelled(key, members)  # type: ignore[arg-type]  # dict is invariant; only keys are read
            if name is None:
                break
            at, raw = members[name]
            found = (*found, name)
        return found, *self._line_and_column(at)

    @cached_property
    def _top(self) -> tuple[int, Raw]:
        body = self.document.body
        start = len(body) - len(body.lstrip())
        return start, Raw(memoryview(body)[start:])

    def _members(self, path: Path, at: int, raw: Raw) -> dict[str | int, tuple[int, Raw]]:
        members = self._levels.get(path)
        if members is None:
            if len(self._levels) >= _KEPT_LEVELS:
                self._levels.clear()
            members = self._levels[path] = dict(self._scanned(path, at, raw))
        return members

    def _scanned(self, path: Path, at: int, raw: Raw) -> Iterator[tuple[str | int, tuple[int, Raw]]]:
        """Each member with its offset: every slice stands in the body after its key and after its elder sibling."""
        body, position = self.document.body, at + 1
        try:
            opener = body[at : at + 1]
            if opener == b"[":
                for index, item in enumerate(_ARRAY.decode(raw)):
                    position = body.find(bytes(item), position)
                    yield index, (position, item)
                    position += len(bytes(item))
            elif opener == b"{":
                for key, value in _OBJECT.decode(raw).items():
                    quoted = body.find(msgspec.json.encode(key), position)
                    position = body.find(bytes(value), quoted + len(key) + 2 if quoted >= 0 else position)
                    yield key, (position, value)
                    position += len(bytes(value))
        except (msgspec.DecodeError, RecursionError):
            if not path:  # several values one after another: the path's first part counts them
                for index, (start, value) in enumerate(json_values(body)):
                    yield index, (start, value)

    def _line_and_column(self, at: int) -> tuple[int, int]:
        body = self.document.body
        offset, line = self._last
        line += body.count(b"\n", offset, at) if at >= offset else -body.count(b"\n", at, offset)
        self._last = (at, line)
        return line + self.document.skipped_lines, at - body.rfind(b"\n", 0, at)


def json_values(body: bytes) -> Iterator[tuple[int, Raw]]:
    """The JSON values of a text that holds several one after another, each with its offset.

    Raises msgspec.DecodeError where the text is not JSON. `kubectl get -o json` piped together looks like that.
    """
    position = len(body) - len(body.lstrip())
    view = memoryview(body)
    while position < len(body):
        length = _first_value_length(view[position:])
        yield position, Raw(view[position : position + length])
        position += length
        while body[position : position + 1].isspace():
            position += 1


def _first_value_length(text: memoryview) -> int:
    try:
        _WHOLE.decode(text)
    except msgspec.DecodeError as error:
        # msgspec names the byte, counted from 1, at which another text begins
        more = re.search(r"trailing characters \(byte (\d+)\)", str(error))
        if not more:
            raise
        return int(more[1]) - 1
    return len(text)


class YamlPlaces(Places):
    """The composer's nodes with their marks, composed once when a line is first asked for."""

    @cached_property
    def _documents(self) -> list[object]:
        import yaml  # noqa: PLC0415  # only texts in YAML pay for it

        try:
            loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
            nodes = yaml.compose_all(self.document.body, loader)
            return [node for node in nodes if node is not None and not node.tag.endswith(":null")]
        except (yaml.YAMLError, RecursionError, ValueError):
            return []

    def find(self, path: Path) -> tuple[Path, int | None, int | None]:
        roots = self._documents
        node: object = roots[0] if len(roots) == 1 else None
        found: Path = ()
        if node is None:
            if not roots:
                return (), None, None
            if path and isinstance(path[0], int) and path[0] < len(roots):
                node, found, path = roots[path[0]], path[:1], path[1:]
            else:
                node = roots[0]
        mark = node
        for key in path:
            members = _yaml_members(node)
            name = self._spelled(key, members)  # type: ignore[arg-type]  # dict is invariant; only keys are read
            if name is None:
                break
            mark, node = members[name]
            found = (*found, name)
        start = mark.start_mark  # type: ignore[attr-defined]  # a yaml.Node; yaml is not imported here
        return found, start.line + 1 + self.document.skipped_lines, start.column + 1


def _yaml_members(node: object) -> dict[str | int, tuple[object, object]]:
    """Members by key or index: the node that marks the member's line, and the member itself."""
    value = getattr(node, "value", None)
    if not isinstance(value, list):
        return {}
    if getattr(node, "id", "") == "mapping":
        return {key.value: (key, member) for key, member in value}
    return {index: (member, member) for index, member in enumerate(value)}
