from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from meshscope.tui.widgets.column_chooser import narrowed

NAMES = ("TIMEOUT", "STATE", "spec.hosts", "spec.http[*].timeout", "route.timeout")


def test_names_with_the_whole_text_are_before_those_with_its_letters_in_their_order() -> None:
    assert narrowed(NAMES, "timeout") == ("TIMEOUT", "spec.http[*].timeout", "route.timeout")
    assert narrowed(NAMES, "spho") == ("spec.hosts", "spec.http[*].timeout")
    assert narrowed(NAMES, "tsoh") == ()
    assert narrowed(("a.b.c", "abc"), "~abc") == ("abc", "a.b.c")


@given(st.lists(st.text(max_size=6)), st.text(max_size=4))
def test_what_is_left_has_every_letter_and_one_letter_more_leaves_no_more(names: list[str], typed: str) -> None:
    left = narrowed(names, typed)
    assert set(left) <= set(names)
    assert set(narrowed(names, typed + "x")) <= set(left) or typed.strip() != typed
    assert narrowed(names, "") == tuple(names)
