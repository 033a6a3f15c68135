from __future__ import annotations

from textual.binding import ActiveBinding, Binding
from textual.screen import Screen

from meshscope.tui.help_view import COLUMNS, key_lines, rows

NODE = Screen[None]()


def active(*bindings: Binding, enabled: bool = True) -> list[ActiveBinding]:
    return [ActiveBinding(NODE, binding, enabled, "") for binding in bindings]


def test_keys_of_one_action_are_one_line() -> None:
    lines = key_lines(active(Binding("j", "down", "down", id="a"), Binding("down", "down", "down", id="a")))
    assert [(COLUMNS[0].cell(line), line.description) for line in rows(lines)] == [("j  ↓", "down")]


def test_what_the_footer_shows_stands_first() -> None:
    lines = key_lines(active(Binding("a", "one", "one", show=False, id="one"), Binding("b", "two", "two", id="two")))
    assert [line.description for line in lines] == ["two", "one"]


def test_a_key_without_an_id_and_one_that_does_nothing_now_are_left_out() -> None:
    assert key_lines(active(Binding("tab", "app.focus_next", "focus"))) == ()
    assert key_lines(active(Binding("a", "one", "one", id="one"), enabled=False)) == ()
    assert key_lines(active(Binding("ctrl+c", "quit", "quit", id="app.interrupt"))) == ()
