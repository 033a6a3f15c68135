from __future__ import annotations

import re

import pytest

from meshscope.render.html.outline import line_markup
from meshscope.render.trace.outline import outline
from meshscope.render.trace.painter import Painter
from meshscope.simulation.journey.simulator import trace
from meshscope.simulation.request import Request

from ...mesh.meshes import recorded
from .pages import Read

REQUESTS = (
    Request(source="productpage", dest="reviews"),
    Request(source="productpage", dest="http://reviews:9080/", headers=(("end-user", "<b>jason</b> & 'others'"),)),
    Request(source="productpage", dest="ratings", headers=(("end-user", "tester"),)),
    Request(source="istio-ingressgateway", dest="http://bookinfo.example.com/nothing"),
    Request(source="sleep", dest="http://nowhere.example/"),
)


def words(text: str) -> list[str]:
    return text.split()


@pytest.mark.parametrize("all_steps", [False, True])
@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: request.dest)
def test_every_line_has_the_words_of_the_terminals_in_their_order(request_: Request, all_steps: bool) -> None:
    lines = outline(trace(recorded("bookinfo"), request_), all_steps=all_steps)
    assert lines
    for line, markup in zip(lines, map(line_markup, lines), strict=True):
        (painted,) = Painter().line(line)
        assert words("".join(text for _, text in Read([markup]).texts)) == words(painted)


def test_a_line_says_its_depth_and_its_verdict_by_classes_of_ours() -> None:
    lines = outline(trace(recorded("bookinfo"), REQUESTS[3]))
    classes = {
        value for markup in map(line_markup, lines) for _, name, value in Read([markup]).attributes if name == "class"
    }
    assert {"line d0", "failed"} <= classes
    assert all(re.fullmatch(r"[a-z0-9 ]+", value) for value in classes)
