from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.render.text import CUT, padded, safe, shortened, width

ANY = st.text(st.characters(), max_size=60)
NAMES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=80)


@given(ANY)
def test_nothing_that_a_terminal_obeys_or_hides_survives(text: str) -> None:
    assert safe(text).isprintable()


def test_every_control_format_and_separator_character_is_escaped() -> None:
    for code in range(sys.maxunicode + 1):
        character = chr(code)
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
            assert safe(character).isascii(), hex(code)


@given(ANY)
def test_printable_text_stays_as_it_is(text: str) -> None:
    if text.isprintable():
        assert safe(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", r"\x1b[31mred"),
        ("a\nb\tc\rd", r"a\nb\tc\rd"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("\u061c\u200b\ufeff\U000e0041", r"\u061c\u200b\ufeff\U000e0041"),
        ("\x9b2J", r"\x9b2J"),
        ("\ud800", r"\ud800"),
        ("café 路由 [bold]x[/]", "café 路由 [bold]x[/]"),
    ],
)
def test_an_escape_names_the_character(text: str, shown: str) -> None:
    assert safe(text) == shown


@given(ANY.map(safe), st.integers(0, 70), st.floats(0, 1))
def test_a_shortened_text_is_never_wider_than_asked(text: str, most: int, lead: float) -> None:
    assert width(shortened(text, most, lead)) <= most


@given(ANY.map(safe), st.integers(0, 70))
def test_a_text_that_fits_is_not_touched(text: str, spare: int) -> None:
    assert shortened(text, width(text) + spare) == text


@given(NAMES, st.integers(4, 70))
def test_both_ends_of_a_shortened_text_are_kept_around_one_mark(text: str, most: int) -> None:
    short = shortened(text, most)
    if short != text:
        head, mark, tail = short.partition(CUT)
        assert mark
        assert head
        assert text.startswith(head)
        assert tail
        assert text.endswith(tail)
        assert len(short) == most
        assert len(tail) >= len(head)


@given(st.text("路由表a", max_size=40), st.integers(4, 40))
def test_wide_characters_are_cut_whole(text: str, most: int) -> None:
    short = shortened(text, most)
    head, _, tail = short.partition(CUT)
    assert most - 3 <= width(short) or short == text
    assert text.startswith(head)
    assert text.endswith(tail)


def test_what_differs_at_the_end_still_differs() -> None:
    pods = [f"istio-ingressgateway-bc70f77432-{suffix}.istio-system" for suffix in ("0efe7", "1abcd")]
    assert len({shortened(pod, 34) for pod in pods}) == 2


@given(ANY.map(safe), st.integers(0, 80))
def test_padding_reaches_the_width_and_cuts_nothing(text: str, cells: int) -> None:
    assert width(padded(text, cells)) == max(cells, width(text))
    assert padded(text, cells).startswith(text)
