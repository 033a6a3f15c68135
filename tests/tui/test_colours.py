from __future__ import annotations

import pytest

from meshscope.tui.app import Browser

from ..mesh.meshes import recorded
from .driving import MadeOnTheSpot


@pytest.mark.parametrize(
    ("terminal", "colours", "wanted", "theme"),
    [
        ("xterm", "", "", "ansi-dark"),
        ("linux", "", "", "ansi-dark"),
        ("xterm-256color", "", "", "textual-dark"),
        ("xterm", "truecolor", "", "textual-dark"),
        (
            "xterm",
            "",
            "textual-light",
            "textual-dark",
        ),  # Textual reads the user's choice as it is imported, so not here
    ],
)
def test_a_terminal_of_sixteen_colours_keeps_its_own(
    monkeypatch: pytest.MonkeyPatch, terminal: str, colours: str, wanted: str, theme: str
) -> None:
    monkeypatch.setenv("TERM", terminal)
    monkeypatch.setenv("COLORTERM", colours)
    monkeypatch.delenv("NO_COLOR", raising=False)
    if wanted:
        monkeypatch.setenv("TEXTUAL_THEME", wanted)
    else:
        monkeypatch.delenv("TEXTUAL_THEME", raising=False)
    assert Browser(MadeOnTheSpot(lambda _work: recorded("bookinfo")), ()).theme == theme
