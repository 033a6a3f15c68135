from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.binding import Binding

from meshscope.errors import UsageError
from meshscope.tui.app import Browser
from meshscope.tui.help_view import SWITCHED_OFF
from meshscope.tui.preferences.keymap import Bound, KeyScreen, key_of, key_screens, keymap_of, word_of_key

SCREENS = key_screens(Browser)
BOUND = {ident: bound for screen in SCREENS for bindings in screen.sets for ident, bound in bindings.items()}
ROOM = KeyScreen("room", ({"a.one": Bound(("a",), "one"), "a.two": Bound(("b", "c"), "two")},))
OTHER = KeyScreen("other", ({"b.one": Bound(("a",), "one")},))


def test_every_screen_has_its_keys_and_those_of_its_widgets() -> None:
    by_word = {screen.word: {ident for bindings in screen.sets for ident in bindings} for screen in SCREENS}
    assert set(by_word) == {
        *(
            "effect",
            "effects",
            "goto",
            "help",
            "home",
            "list",
            "marks",
            "object",
            "opening",
            "requests",
            "scope",
            "search",
        ),
        "trace",
    }
    assert {"app.quit", "page.back", "table.sort", "table.down", "home.faults", "command.complete"} <= by_word["home"]
    assert {"scope.narrow", "scope.filter"} <= by_word["scope"]
    assert "app.quit" not in by_word["help"], "a modal screen has none of the keys around it"


def test_a_binding_has_one_meaning_of_its_keys_everywhere() -> None:
    for screen in SCREENS:
        for bindings in screen.sets:
            for ident, bound in bindings.items():
                assert set(bound.keys) == set(BOUND[ident].keys), ident
                assert bound.description, ident


@pytest.mark.parametrize("key", sorted({key for bound in BOUND.values() for key in bound.keys}))
def test_a_key_of_ours_is_written_and_read_again(key: str) -> None:
    assert key_of(word_of_key(key)) == key_of(key) == key


@given(st.characters(codec="utf-8", categories=("L", "N", "P", "S")))
def test_a_character_is_the_key_that_textual_makes_of_it(character: str) -> None:
    (binding,) = Binding.make_bindings([Binding(character, "x")]) if character != "," else [Binding("comma", "x")]
    assert key_of(character) == binding.key


@pytest.mark.parametrize(
    ("word", "key"),
    [("shift+s", "S"), ("shift-s", "S"), ("ctrl-d", "ctrl+d"), ("shift+tab", "shift+tab"), ("-", "minus")],
)
def test_a_letter_with_shift_is_the_capital_that_a_terminal_sends_and_a_dash_joins_too(word: str, key: str) -> None:
    assert key_of(word) == key


@pytest.mark.parametrize(
    ("word", "says"),
    [("esc", "; did you mean escape"), ("crtl+d", "; did you mean ctrl+d"), ("zzzz", "a key is a character"),
     ("hocus+a", "no key"), ("", "no key"), ("+a", "no key"), ("\x00", "no key"), ("aa", "no key")],
)  # fmt: skip
def test_what_is_no_key_is_said(word: str, says: str) -> None:
    with pytest.raises(ValueError, match="no key") as error:
        key_of(word)
    assert says in str(error.value)


def test_only_what_is_changed_is_in_the_keymap() -> None:
    assert keymap_of({"a.one": ("a",), "a.two": ("c", "b")}, (ROOM,)) == {}
    assert keymap_of({"a.one": ("?", "ctrl+x")}, (ROOM,)) == {"a.one": "question_mark,ctrl+x"}
    assert keymap_of({"a.one": ()}, (ROOM,)) == {"a.one": SWITCHED_OFF}


def test_two_bindings_on_one_key_of_a_screen_are_a_conflict() -> None:
    with pytest.raises(UsageError, match=r"`keys`: c is both a\.one and a\.two on the screen room"):
        keymap_of({"a.one": ("c",)}, (ROOM,))
    assert keymap_of({"a.one": ("b",), "a.two": ("a",)}, (ROOM,)) == {"a.one": "b", "a.two": "a"}, "they change places"
    assert keymap_of({"a.two": ("x",)}, (ROOM, OTHER)) == {"a.two": "x"}
    assert keymap_of({"b.one": ("b",)}, (ROOM, OTHER)) == {"b.one": "b"}, "it is on another screen"


def test_keys_that_a_screen_has_twice_by_itself_are_no_conflict_until_one_is_changed() -> None:
    twice = KeyScreen("twice", ({"a.one": Bound(("a",), "one"), "a.two": Bound(("a",), "two")},))
    assert keymap_of({"a.one": ("a",)}, (twice,)) == {}
    with pytest.raises(UsageError, match="is both"):
        keymap_of({"a.one": ("a", "z")}, (twice,))


def test_an_unknown_binding_and_an_unknown_key_are_said_with_their_setting() -> None:
    with pytest.raises(UsageError, match=r"`keys\.table\.srot`: no such binding; did you mean table\.sort"):
        keymap_of({"table.srot": ("s",)}, SCREENS)
    with pytest.raises(UsageError, match=r"`keys\.table\.sort`: no key 'esc'"):
        keymap_of({"table.sort": ("esc",)}, SCREENS)
    with pytest.raises(UsageError, match=r"f is both app\.search and table\.sort on the screen effect"):
        keymap_of({"table.sort": ("f",)}, SCREENS)
