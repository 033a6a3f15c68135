"""Real documents, changed where it hurts: a value of another type, a key from elsewhere, numbers and names that nobody expects.

A mutation keeps most of a document's structure, so that it gets past the first reader and reaches the code behind it.
"""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any

import yaml

NUMBERS = (
    "0", "-0", "-1", "1", "65536", "4294967296", "9223372036854775808", "-9223372036854775809", "18446744073709551616",
    "1e999", "-1e400", "1e-400", "0.1", "1E5", "9" * 400, "9" * 5000,
)  # fmt: skip
NAMES = (
    "", " ", "\x1b[31mred", "\u202egnp.exe", "[bold]x[/bold]", "a\nb", "../../etc/passwd", "\u0000", "\ufeff", "%s%n{}",
    "*", "a" * 300, "x" * 70_000, "é路由🦄", "10.0.0.1", "::1", "0.0.0.0/0", "10.0.0.0/999", "outbound|80||", "|||", "$(x)",
    "kind: List", "/", "*.", ".", "a..b", "istio-system/", "=", "true", "1s", "-1s", "1e9s", "99999999999999s", "(", "(a*)*$",
    "[", "\\", "spiffe://", "2026-99-99T99:99:99Z", "type.googleapis.com/",
    "half-a-character-that-stands-here",
)  # fmt: skip
WORDS = tuple(name for name in NAMES if name.isprintable() and name)
"""Those that can stand on a command line."""
DEPTHS = ("5", "60", "250", "950", "5000")
_MOST_GRAFTS = 4_000
_NUMBER, _DEEP = "number-that-stands-here:", "depth-that-stands-here:"
_MARKS = (
    {_NUMBER + written: written for written in NUMBERS}
    | {_DEEP + depth: '[{"and_rules":' * (int(depth) // 2) + "1" + "}]" * (int(depth) // 2) for depth in DEPTHS}
    | {"half-a-character-that-stands-here": '"\\ud800x"'}
)
"""What stands in a value for the text that is written in its place."""


class Corpus:
    """Documents to start from, with the keys and values that are grafted from one to another."""

    def __init__(self, folders: Sequence[Path]) -> None:
        files = [file for folder in folders for file in sorted(folder.rglob("*")) if file.is_file()]
        self.files = [file for file in files if file.suffix in (".json", ".yaml") and file.stat().st_size < 400_000]
        self.manifests = [file for file in self.files if b"networking.istio.io/" in file.read_bytes()]
        self.grafts: list[tuple[str, Any]] = []
        for file in self.files:
            seen = {key for key, _ in self.grafts}
            for value in values_of(file) if len(self.grafts) < _MOST_GRAFTS else ():
                for parent, key in places(value):
                    if isinstance(key, str) and key not in seen and _size(parent[key]) < 300:
                        seen.add(key)
                        self.grafts.append((key, parent[key]))

    def mutated(self, random: Random, file: Path | None = None) -> bytes:
        """A document, changed a little or much."""
        values = values_of(file or random.choice(self.files))
        every = [place for value in values for place in places(value)]
        for _ in range(random.choice((1, 1, 2, 3, 8, 30)) if every else 0):
            parent, key = random.choice(every)
            if key in parent if isinstance(parent, dict) else key < len(parent):  # not gone meanwhile
                self._change(random, parent, key)
        return _bent(random, _written(random, values))

    def manifest(self, random: Random) -> bytes:
        """Objects of Istio, changed or as they are."""
        file = random.choice(self.manifests)
        return self.mutated(random, file) if random.random() < 0.7 else file.read_bytes()

    def _change(self, random: Random, parent: Any, key: Any) -> None:
        value = parent[key]
        change: Callable[[], Any] = random.choice((
            lambda: random.choice(NAMES),
            lambda: _NUMBER + random.choice(NUMBERS),
            lambda: random.choice((None, True, [], {}, [[]], [None], {"": ""}, "x", [value], {"value": value})),
            lambda: _DEEP + random.choice(DEPTHS),
            lambda: deepcopy(random.choice(self.grafts)[1]),
        ))  # fmt: skip
        what = random.randrange(8)
        if what < 4:
            parent[key] = change()
        elif what == 4 and isinstance(parent, dict):
            graft, grafted = random.choice(self.grafts)
            parent[graft] = deepcopy(grafted) if random.random() < 0.5 else change()
        elif what == 5 and isinstance(parent, dict):
            parent[random.choice((random.choice(NAMES), _camel(str(key)), f"{key} "))] = parent.pop(key)
        elif what == 6 and isinstance(parent, list):
            parent.extend(deepcopy(value) for _ in range(random.choice((1, 2, 50))))
        else:
            del parent[key]

    def folder(self, random: Random, top: Path) -> None:
        """Some folders of a recording, a few of their documents mutated."""
        for file in random.sample(self.files, min(len(self.files), random.randrange(2, 9))):
            place = top / random.choice(("", "a/")) / "/".join(file.parts[-4 if "proxies" in file.parts else -2 :])
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(self.mutated(random, file) if random.random() < 0.4 else file.read_bytes())

    def archive(self, random: Random) -> tuple[str, bytes]:
        """An archive of mutated documents, itself damaged in its headers; with the ending of its form."""
        out, form = io.BytesIO(), random.choice(("tar", "tar.gz", "zip"))
        members = {f"proxies/default/p-{n}/config_dump.json": self.mutated(random) for n in range(3)}
        if form == "zip":
            with zipfile.ZipFile(out, "w", random.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as zipped:
                for name, body in members.items():
                    zipped.writestr(name, body)
        else:
            with tarfile.open(fileobj=out, mode="w") as tar:
                for name, body in members.items():
                    info = tarfile.TarInfo(name)
                    info.size = len(body)
                    tar.addfile(info, io.BytesIO(body))
        raw = bytearray(out.getvalue())
        starts = [at for mark in (b"PK\x01\x02", b"PK\x05\x06", b"PK\x03\x04", b"ustar") for at in _found(raw, mark)]
        for _ in range(random.randrange(6)):
            at = random.choice(starts) + random.randrange(-260, 46)
            raw[max(0, at) : max(0, at) + random.randrange(1, 9)] = random.choice((
                b"\xff" * 8, b"\0" * 8, b"7" * 8, random.randbytes(4),
            ))  # fmt: skip
        body = gzip.compress(bytes(raw), 1, mtime=0) if form == "tar.gz" else bytes(raw)
        return form, body[: random.randrange(len(body))] if random.random() < 0.1 else body


def values_of(file: Path) -> list[Any]:
    """Of JSON or YAML; none of a file that is neither, or that only another reader understands."""
    text = file.read_text(encoding="utf-8", errors="replace")
    with suppress(ValueError):
        return [json.loads(text)]
    with suppress(yaml.YAMLError, ValueError):
        return [value for value in yaml.load_all(text, yaml.CSafeLoader) if isinstance(value, (dict, list))]
    return []


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a value: a container, and the key or index in it."""
    waiting = [value] if isinstance(value, (dict, list)) else []
    while waiting:
        here = waiting.pop()
        for key in range(len(here)) if isinstance(here, list) else list(here):
            yield here, key
            if isinstance(here[key], (dict, list)) and here[key]:
                waiting.append(here[key])


def _size(value: Any) -> int:
    return len(json.dumps(value, default=str))


def _camel(key: str) -> str:
    first, *others = key.split("_")
    return first + "".join(map(str.title, others))


def _written(random: Random, values: list[Any]) -> bytes:
    if random.random() < 0.25:
        text = yaml.dump_all(values, Dumper=yaml.CSafeDumper, allow_unicode=random.random() < 0.5)
    else:
        text = random.choice(("\n", " ", "")).join(json.dumps(value, default=str) for value in values)
    for mark, written in _MARKS.items():
        text = text.replace(f'"{mark}"', written).replace(f"{mark}\n", f"{written}\n")
    return text.encode("utf-8", "surrogatepass")


def _bent(random: Random, body: bytes) -> bytes:
    """The bytes as other tools write them, or cut."""
    at = random.randrange(len(body) + 1)
    bends: tuple[Callable[[], bytes], ...] = (
        lambda: b"\xef\xbb\xbf" + body,
        lambda: body.decode("utf-8", "replace").encode("utf-16"),
        lambda: body.replace(b"\n", b"\r\n"),
        lambda: body[:at],
        lambda: body[:at] + random.randbytes(3) + body[at:],
        lambda: gzip.compress(body, 1, mtime=0),
        lambda: body + b"\n---\n" + body,
    )
    return random.choice(bends)() if random.random() < 0.35 else body


def _found(raw: bytes | bytearray, mark: bytes) -> list[int]:
    found, at = [0], raw.find(mark)
    while at >= 0:
        found.append(at)
        at = raw.find(mark, at + 1)
    return found
