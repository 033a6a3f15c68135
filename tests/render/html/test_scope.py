from __future__ import annotations

import json
import re

import pytest

from meshscope.mesh.mesh import Mesh
from meshscope.render.html import drawing as bounds
from meshscope.render.html.report import report_of
from meshscope.render.html.scope import scope_markup

from ...mesh.meshes import recorded
from ...tui.sick import hostile
from .pages import Read


def read(mesh: Mesh, name: str, *, is_open: bool = True) -> Read:
    (scope,) = report_of(mesh, proxies=(name,)).scopes
    return Read([scope_markup(scope, 1, is_open=is_open)])


BOOKINFO = read(recorded("bookinfo"), "productpage")


def test_every_box_has_its_words_and_its_whole_name() -> None:
    (scope,) = report_of(recorded("bookinfo"), proxies=("productpage",)).scopes
    boxes = scope.drawing.boxes
    assert BOOKINFO.of("title") == [box.title for box in boxes]
    assert BOOKINFO.of("desc") == [box.name for box in boxes]
    shown = [text for path, text in BOOKINFO.texts if path[-3:] == ("g", "text", "tspan")]
    assert shown == [text for box in boxes for text in (box.words.label, box.words.sign, box.words.facts) if text]


def test_layers_are_named_and_counted() -> None:
    svg = [text.strip() for path, text in BOOKINFO.texts if "svg" in path]
    assert svg[:10] == ["LISTENER", "11", "CHAIN", "23", "ROUTE", "52", "CLUSTER", "29", "ENDPOINT", "27"]
    assert "11 listeners · 23 chains · 52 routes · 29 clusters · 27 endpoints" in BOOKINFO.of("p")


def test_the_script_is_given_numbers_alone() -> None:
    (text,) = BOOKINFO.of("script")
    graph = json.loads(text)
    assert graph["counts"] == [11, 23, 52, 29, 27]
    flat = [number for value in graph.values() for number in (value if isinstance(value, list) else [value])]
    assert {type(number) for number in flat} == {int}


@pytest.mark.parametrize("index", range(10))
def test_no_name_of_a_dump_is_in_an_attribute(index: int) -> None:
    mesh = hostile()
    found = read(mesh, mesh.proxies[index].name)
    assert found.attributes
    for tag, name, value in found.attributes:
        assert re.fullmatch(r"[a-z]+(?:-[a-z]+)?|viewBox|viewbox", name), (tag, name)
        assert re.fullmatch(r"[a-zA-Z0-9 .,()/-]*", value), (tag, name, value)


def test_only_what_is_open_is_open() -> None:
    assert ("details", "open", "open") in BOOKINFO.attributes
    assert ("details", "open", "open") not in read(recorded("bookinfo"), "productpage", is_open=False).attributes


def test_what_is_not_drawn_and_what_cannot_be_narrowed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not [text for text in BOOKINFO.of("p") if "drawn" in text or "cannot" in text]
    monkeypatch.setattr(bounds, "MOST_NODES", 25)
    monkeypatch.setattr(bounds, "MOST_REFERENCES", 3)
    found = read(recorded("bookinfo"), "productpage")
    (drawn,) = [text for text in found.of("p") if text.startswith("drawn: ")]
    assert "25 of 29 clusters, 25 of 27 endpoints" in drawn
    assert [text for text in found.of("p") if "cannot narrow this scope" in text]
    assert "script" not in found.elements
