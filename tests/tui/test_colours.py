from __future__ import annotations

import pytest
from msgspec.structs import replace
from rich.color import Color
from rich.segment import Segment

from meshscope.tui.app import Browser
from meshscope.tui.preferences.settings import DEFAULTS

from ..mesh.meshes import recorded
from .driving import Driven, MadeOnTheSpot, drive_app


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


@pytest.mark.parametrize(("terminal", "is_its_own"), [("xterm", True), ("linux", True), ("xterm-256color", False)])
def test_without_colours_the_names_are_read_too(
    monkeypatch: pytest.MonkeyPatch, terminal: str, is_its_own: bool
) -> None:
    monkeypatch.setenv("TERM", terminal)
    monkeypatch.setenv("COLORTERM", "")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.delenv("TEXTUAL_THEME", raising=False)

    async def walk(browser: Driven) -> None:
        styles = [piece.style for piece in written(browser) if piece.style and "details-v1" in piece.text]
        assert styles
        for style in styles:
            assert style.color
            assert style.bgcolor
            assert style.color.is_default == style.bgcolor.is_default == is_its_own
            assert is_its_own or contrast(style.color, style.bgcolor) >= 3

    drive_app(lambda: Browser(MadeOnTheSpot(lambda _work: recorded("bookinfo")), ("demo",)), walk)


@pytest.mark.parametrize(
    ("keys", "line", "other"),
    [(("v",), "15090", "15021"), (("1", "enter"), "@type", "address"), (("3", "plus"), "+ PROXY", "+ TIMEOUT")],
)
def test_without_colours_the_line_of_the_cursor_differs(
    monkeypatch: pytest.MonkeyPatch, keys: tuple[str, ...], line: str, other: str
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLORTERM", "")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.delenv("TEXTUAL_THEME", raising=False)

    async def walk(browser: Driven) -> None:
        await browser.press(*keys)
        pieces = [(piece.text, piece.style) for piece in written(browser) if piece.style]
        (at, *_), (beside, *_) = ([style for text, style in pieces if each in text] for each in (line, other))
        assert (bool(at.bold), bool(at.underline)) != (bool(beside.bold), bool(beside.underline))

    drive_app(lambda: Browser(MadeOnTheSpot(lambda _work: recorded("bookinfo")), ("demo",)), walk)


def written(browser: Driven) -> list[Segment]:
    """The pieces of the screen as the terminal gets them."""
    strips = browser.app.screen._compositor.render_strips()
    filters = browser.app.get_line_filters()
    background = browser.app.screen.background_colors[1]
    pieces: list[Segment] = []
    for strip in strips:
        line = list(strip)
        for each in filters:
            if each.enabled:
                line = each.apply(line, background)
        pieces += line
    return pieces


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light", "nord", "catppuccin-latte"])
def test_the_names_under_the_cursor_are_read_in_dark_and_light_themes(theme: str) -> None:
    """A contrast of 3 or more (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio), in the cell under the cursor too."""

    async def walk(browser: Driven) -> None:
        assert min(contrasts(browser, "details-v1", "/*")) >= 3
        await browser.press("1", "l")
        assert min(contrasts(browser, "0_15090", "15021")) >= 3

    settings = replace(DEFAULTS, theme=theme)
    drive_app(lambda: Browser(MadeOnTheSpot(lambda _work: recorded("bookinfo")), ("demo",), settings=settings), walk)


def contrasts(browser: Driven, *texts: str) -> list[float]:
    """Of each piece of the screen that has one of the texts in it."""
    pieces = [piece for strip in browser.app.screen._compositor.render_strips() for piece in strip]
    styles = [piece.style for piece in pieces if any(text in piece.text for text in texts)]
    return [
        contrast(style.color, style.bgcolor) for style in styles if style is not None and style.color and style.bgcolor
    ]


def contrast(one: Color, other: Color) -> float:
    dark, light = sorted(map(luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: Color) -> float:
    parts = [part / 255 for part in colour.get_truecolor()]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
