"""Answers as pictures."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.render.painting import BOLD, GREEN, painted
from meshscope.render.picture import svg
from meshscope.render.text import safe

SVG = "{http://www.w3.org/2000/svg}"
LINES = [painted("NAME  HEALTH", BOLD, colour=True), "reviews  " + painted("HEALTHY", GREEN, colour=True)]


def read(document: str) -> ET.Element:
    return ET.fromstring(document)  # noqa: S314  # our own


def texts(document: str) -> str:
    """All that is written in a picture, blanks as blanks."""
    return "\n".join(element.text or "" for element in read(document).iter(f"{SVG}text")).replace("\xa0", " ")


def test_the_lines_and_the_title_are_in_the_picture() -> None:
    written = texts(svg(LINES, "meshscope get endpoints"))
    assert all(word in written for word in ("NAME  HEALTH", "reviews", "HEALTHY", "meshscope get endpoints"))


def test_colours_are_in_the_picture_too() -> None:
    assert "font-weight: bold" in svg(LINES, "")
    assert len(set(re.findall(r"fill: (#\w+)", svg(LINES, "")))) == 2
    assert len(set(re.findall(r"fill: (#\w+)", svg(["plain"], "")))) == 1


def test_equal_lines_make_equal_bytes() -> None:
    assert svg(LINES, "t") == svg(LINES, "t")


@pytest.mark.parametrize("word", ["http:", "https:", "url(http", "<script"])
def test_a_picture_asks_no_server(word: str) -> None:
    document = svg(LINES, "t").replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert word not in document


@given(st.lists(st.text().map(safe), max_size=4), st.text().map(safe))
def test_any_name_makes_a_picture_and_none_is_markup(names: list[str], title: str) -> None:
    document = read(svg([*names, "<b>[bold]x</b>"], title))
    assert {element.tag for element in document.iter()} <= {
        SVG + tag for tag in ("svg", "style", "defs", "clipPath", "rect", "text", "g", "circle")
    }
    assert "[bold]" in "".join(element.text or "" for element in document.iter(f"{SVG}text"))


def test_nothing_is_a_picture_too() -> None:
    assert texts(svg([], "nothing")) == "nothing"


def test_a_long_line_is_not_broken() -> None:
    assert "x" * 500 in texts(svg(["x" * 500], ""))
