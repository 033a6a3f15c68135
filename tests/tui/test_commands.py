"""What a line behind `:` means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.errors import UsageError
from meshscope.listing.selection import Selection
from meshscope.tui import commands
from meshscope.tui.session import Session

from ..mesh import meshes

MESH = meshes.recorded("bookinfo")
SESSION = Session(MESH, ("demo",), contexts=lambda: ["prod", "test"])
PRODUCTPAGE = "productpage-v1-12eae82901-8b536.default"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("q", commands.Quit()),
        ("home", commands.ShowHome()),
        ("routes", commands.ShowList("routes", Selection())),
        ("r productpage", commands.ShowList("routes", Selection(proxy="productpage"))),
        ("find 10.20.0.21", commands.ShowSearch("10.20.0.21")),
        ("find two words", commands.ShowSearch("two words")),
        ("trace", commands.ShowTrace(None)),
    ],
)
def test_a_line_is_understood(line: str, expected: commands.Command) -> None:
    assert commands.command_of(line, MESH) == expected


def test_a_trace_is_asked_as_on_the_command_line() -> None:
    found = commands.command_of("trace productpage reviews -H 'end-user: jason'", MESH)
    assert isinstance(found, commands.ShowTrace)
    assert found.request is not None
    assert (found.request.source, found.request.dest) == ("productpage", "reviews")
    assert found.request.headers == (("end-user", "jason"),)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", "type a kind"),
        ("rotes", "routes"),
        ("routes nosuch", "no proxy 'nosuch'"),
        ("routes a b", "one name at most"),
        ("find 'open", "No closing quotation"),
    ],
)
def test_what_is_no_command_is_told_in_one_line(line: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        commands.command_of(line, MESH)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@given(st.text(max_size=30))
def test_no_line_raises_anything_but_a_usage_error(line: str) -> None:
    try:
        commands.command_of(line, MESH)
    except UsageError:
        return


def test_a_beginning_is_completed_to_whole_lines() -> None:
    assert "routes" in list(commands.completions("rou", SESSION))
    assert f"routes {PRODUCTPAGE}" in list(commands.completions("routes prod", SESSION))
