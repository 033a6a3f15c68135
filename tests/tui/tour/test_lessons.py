from __future__ import annotations

import re

import pytest
from textual.keys import format_key

from meshscope.tui.app import Browser
from meshscope.tui.commands import command_of
from meshscope.tui.preferences.keymap import key_screens
from meshscope.tui.tour.guided import GuidedBrowser, seen_on
from meshscope.tui.tour.lessons import LESSONS, Lesson, said

from ...mesh.meshes import recorded
from ..driving import Driven, drive

BOOKINFO = recorded("bookinfo")
KEYS = {ident: bound.keys for screen in key_screens(Browser) for each in screen.sets for ident, bound in each.items()}
SPELLED = {"⌫": "backspace", "space": "space", ":": "colon", "/": "slash", "?": "question_mark"}


def test_keys_are_those_of_the_user() -> None:
    assert said("{table.filter:/} filters, {app.quit:q} quits", {"table.filter": "F3"}) == "F3 filters, q quits"


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_names_keys_that_there_are(lesson: Lesson) -> None:
    for ident, key in re.findall(r"\{([\w.]+):([^}]+)\}", lesson.says + lesson.asks):
        assert SPELLED.get(key, key) in KEYS[ident] or key in map(format_key, KEYS[ident])
    assert "{" not in said(lesson.says + lesson.asks, {})


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_line_that_leads_back_leads_to_where_the_lesson_is_and_does_not_do_it(lesson: Lesson) -> None:
    command_of(lesson.start, BOOKINFO)

    async def walk(browser: Driven) -> None:
        await browser.press("4", "colon")
        await browser.type(lesson.start)
        await browser.press("enter")
        page = browser.app.screen
        assert lesson.on(seen_on(page))  # type: ignore[arg-type]  # a page
        assert not lesson.is_done(seen_on(page))  # type: ignore[arg-type]  # a page

    drive(BOOKINFO, walk)


def test_the_tour_has_a_key_of_its_own() -> None:
    (own,) = GuidedBrowser.BINDINGS
    assert all("ctrl+n" not in keys for keys in KEYS.values()), own


def test_the_help_counts_them_rightly() -> None:
    assert len(LESSONS) == 10
