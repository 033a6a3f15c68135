"""Eight threads that ask one mesh get the answers that one thread gets, and every problem once."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

import msgspec
import pytest
import yaml
from msgspec.structs import replace

from meshscope.listing.describe import describe
from meshscope.listing.registry import KINDS, kind_named
from meshscope.listing.selection import Selection
from meshscope.location import Document, Location
from meshscope.mesh.mesh import Mesh
from meshscope.simulation.journey.simulator import trace
from meshscope.simulation.request import Request
from meshscope.snapshot.reading import open_snapshot
from meshscope.snapshot.snapshot import Captured, Snapshot

from .meshes import RECORDINGS

THREADS = 8
REQUESTS = {
    "bookinfo": [
        Request(source="productpage", dest=dest) for dest in ("reviews", "http://ratings:9080/ratings/0", "gone:1")
    ],
    "bookinfo-v2": [Request(source="productpage", dest="reviews")],
    "website": [Request(source="istio-ingressgateway", dest="http://x.example/")],
}
Question = Callable[[Mesh], Any]


@contextmanager
def smallest_switch_interval() -> Iterator[None]:
    """Threads take turns as often as the interpreter can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def in_yaml(captured: Captured) -> Captured:
    """The same document in YAML, if it is a dump or an answer in JSON."""
    document = captured.document
    if not document.is_json or captured.kind not in ("config_dump", "clusters"):
        return captured
    text = yaml.safe_dump(msgspec.json.decode(document.body))
    return replace(captured, document=Document.of(document.name, text.encode()))


def snapshot(name: str, form: str) -> Snapshot:
    opened = open_snapshot(str(RECORDINGS / name))
    owners = sorted({one.owner for one in opened.captured if one.owner})[:2]  # YAML of all of them takes seconds
    some = [one for one in opened.captured if form == "json" or one.owner is None or one.owner in owners]
    damaged = Captured(Document.of("broken.json", b'{"configs": [1]}'), "config_dump", some[0].owner)
    return replace(opened, captured=(*(in_yaml(one) if form == "yaml" else one for one in some), damaged))


def rows(kind: str) -> Question:
    return lambda mesh: [
        msgspec.to_builtins(row, enc_hook=place_of) for row in kind_named(kind, mesh).rows(mesh, Selection())
    ]


def place_of(value: object) -> object:
    return value.place() if isinstance(value, Location) else str(value)


def traced(request: Request) -> Question:
    return lambda mesh: msgspec.to_builtins(_answer(lambda: trace(mesh, request)), enc_hook=place_of)


def described(kind: str) -> Question:
    def ask(mesh: Mesh) -> Any:
        row = next(iter(kind_named(kind, mesh).rows(mesh, Selection())), None)
        name = getattr(row, "name", "") or ""
        return msgspec.to_builtins(describe(mesh, kind_named(kind, mesh), Selection(name=name)), enc_hook=place_of)

    return ask


def _answer(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except Exception as error:  # an error is an answer, too
        return repr(error)


def questions(name: str) -> dict[str, Question]:
    return {
        **{f"rows of {kind}": rows(kind) for kind in KINDS},
        **{f"trace {request.dest}": traced(request) for request in REQUESTS[name]},
        **{f"describe {kind}": described(kind) for kind in ("listeners", "clusters", "proxies")},
        "dangling": lambda mesh: [
            (str(edge.target), edge.location.place()) for proxy in mesh.proxies for edge in mesh.graph(proxy).dangling
        ],
    }  # fmt: skip


@pytest.mark.parametrize("form", ["json", "yaml"])
@pytest.mark.parametrize("name", sorted(REQUESTS))
def test_eight_threads_get_the_answers_of_one(name: str, form: str) -> None:
    asked = questions(name)
    alone = Mesh(snapshot(name, form))
    expected = {word: _answer(partial(question, alone)) for word, question in asked.items()}
    shared = Mesh(snapshot(name, form))

    def ask(seed: int) -> dict[str, Any]:
        words = random.Random(seed).sample(sorted(asked), len(asked))  # noqa: S311  # an order of questions
        return {word: _answer(partial(asked[word], shared)) for word in words}

    with smallest_switch_interval(), ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(ask, range(THREADS)))
    for answer in answers:
        for word, value in expected.items():
            assert answer[word] == value, word
    assert sorted(shared.problems, key=str) == sorted(alone.problems, key=str)
    assert len(set(shared.problems)) == len(shared.problems) > 0


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_eight_threads_find_the_places_that_one_finds(form: str) -> None:
    lines = ["{", *(f'"k{number}": {{"é": [1,\n2], "b": {{"c": {number}}}}},' for number in range(300)), '"end": 1}']
    text = "\n".join(lines).encode() if form == "json" else "\n".join(lines[1:-1]).replace(",", ", ").encode()
    paths = [(f"k{number}", *rest) for number in range(300) for rest in (("é", 1), ("b", "c"))]
    for seed in range(3):
        alone, shared = (Document.of("d", text) for _ in range(2))

        def ask(thread: int, document: Document = shared, seed: int = seed) -> dict[Any, Any]:
            order = random.Random(seed * THREADS + thread).sample(paths, len(paths))  # noqa: S311  # as above
            return {path: document.place(path) for path in order}

        expected = {path: alone.place(path) for path in paths}
        with smallest_switch_interval(), ThreadPoolExecutor(THREADS) as pool:
            assert all(found == expected for found in pool.map(ask, range(THREADS)))
