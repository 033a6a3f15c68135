"""What the user set, and the keys of the app itself, in a browser that runs."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from msgspec.structs import replace

from meshscope.config import Config
from meshscope.tui.app import Browser
from meshscope.tui.preferences.kept import Kept
from meshscope.tui.preferences.settings import DEFAULTS, settings_of
from meshscope.tui.screens.search import SearchScreen
from meshscope.tui.session import Session

from ..mesh.meshes import recorded
from .driving import LARGE, Driven, MadeOnTheSpot, drive, drive_app

MESH = recorded("bookinfo")
SOURCES = ("demo",)


OPENER = MadeOnTheSpot(lambda _work: MESH)


def test_remapped_keys_do_what_the_others_did_and_are_shown() -> None:
    async def walk(browser: Driven) -> None:
        assert "M command" in browser.lines[-1]
        assert "sort" not in browser.lines[-1], "it is switched off"
        first = browser.pointed
        await browser.press("j")
        assert browser.pointed == first
        await browser.press("J")
        assert browser.pointed != first
        await browser.press("s")
        assert "by PROXY" not in browser.text
        await browser.press("question_mark", *"down")
        assert "J  z" in browser.text
        await browser.press("escape", "M")
        assert browser.app.focused is not None
        assert browser.app.focused.id == "command"

    keys: dict[str, tuple[str, ...]] = {"table.down": ("J", "z"), "table.sort": (), "page.command": ("M",)}
    drive_app(partial(Browser, OPENER, SOURCES, settings=settings_of(Config(keys=keys), Browser)), walk, size=LARGE)


def test_columns_are_those_of_the_user_and_w_shows_all() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("3")
        assert browser.lines[1].split() == ["DOMAINS", "NAME"], "PROXY is left out as there is one"
        await browser.press("w")
        assert "VHOST NAME" in browser.lines[1]

    columns: dict[str, tuple[str, ...]] = {"routes": ("DOMAINS", "PROXY", "NAME")}
    drive_app(
        partial(Browser, OPENER, SOURCES, settings=settings_of(Config(columns=columns), Browser)), walk, size=LARGE
    )


def test_the_theme_is_the_users() -> None:
    async def walk(browser: Driven) -> None:
        assert browser.app.theme == "nord"

    drive_app(partial(Browser, OPENER, SOURCES, settings=replace(DEFAULTS, theme="nord")), walk)


def test_the_first_start_has_a_hint_until_the_first_key_and_lines_are_kept(tmp_path: Path) -> None:
    async def first(browser: Driven) -> None:
        assert "lists the keys of a screen" in browser.text
        await browser.press("j")
        assert "lists the keys of a screen" not in browser.text
        await browser.press("colon", *"clusters", "enter")

    async def second(browser: Driven) -> None:
        assert "lists the keys of a screen" not in browser.text
        await browser.press("colon", "up")
        assert " clusters" in browser.text

    drive_app(partial(Browser, OPENER, SOURCES, kept=Kept(tmp_path)), first)
    drive_app(partial(Browser, OPENER, SOURCES, kept=Kept(tmp_path)), second)


def test_a_picture_is_saved_and_a_folder_that_takes_none_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("S")
        (picture,) = tmp_path.glob("meshscope-home-*.svg")
        assert "productpage" in picture.read_text(encoding="utf-8")
        assert browser.line("saved").strip() == f"saved {picture.name}"
        gone = tmp_path / "gone"
        gone.mkdir()
        monkeypatch.chdir(gone)
        gone.rmdir()
        await browser.press("S")
        assert "not saved: meshscope-home-" in browser.text

    monkeypatch.chdir(tmp_path)
    drive(MESH, walk)


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        ((), "meshscope get proxies --from demo"),
        (("3", "enter"), "meshscope describe 'routes/"),
        (("v",), "meshscope ui --from demo"),
        (("f", *"reviews"), ""),
    ],
)
def test_the_line_of_the_screen_is_left_for_the_shell(keys: tuple[str, ...], line: str) -> None:
    async def walk(browser: Driven) -> None:
        await browser.press(*keys, "Q")
        assert isinstance(browser.app, Browser)
        assert browser.app.last_line.startswith(line)
        assert bool(browser.app.last_line) == bool(line), "a letter that is typed is text"

    drive(MESH, walk)


def test_a_search_is_the_line_of_find() -> None:
    session = Session(MESH, SOURCES)
    assert SearchScreen(session, " 10.20.0.21 ").shell_line() == "meshscope find 10.20.0.21 --from demo"
    assert SearchScreen(session, " ").shell_line() == "meshscope ui --from demo"
