"""Lines on a terminal: within its width, with nothing lost, and nothing of a name obeyed."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from meshscope.render.text import width
from meshscope.render.trace.line import Line, Meaning, Span
from meshscope.render.trace.painter import Painter
from meshscope.render.trace.verdict import GLYPHS

SGR = re.compile("\x1b\\[[0-9;]*m")
NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=60)
SHARES = st.sampled_from(["? %", "<1 %", "100 %"]).map(lambda text: Span(text, Meaning.SHARE))
OTHERS = st.sampled_from([one for one in Meaning if one not in (Meaning.VALUE, Meaning.SHARE)])
SPANS = SHARES | st.builds(Span, NAMES, OTHERS, st.booleans())
LINES = st.builds(
    Line,
    st.just(("k",)),
    st.lists(SPANS, min_size=1, max_size=5).map(tuple),
    st.integers(0, 4),
    st.sampled_from(["", "because"]),
    st.sampled_from([None, *GLYPHS]),
    st.lists(SPANS, max_size=2).map(tuple),
    st.booleans(),
)


def painted(line: Line, **fields: int) -> list[str]:
    return list(Painter(**fields).line(line))  # type: ignore[arg-type]  # booleans and a width


@given(LINES, st.integers(60, 200), st.sampled_from([0, 1]))
def test_no_row_is_wider_than_the_terminal(line: Line, cells: int, is_ascii: int) -> None:
    for row in painted(line, cells=cells, is_ascii=is_ascii):
        assert width(row) <= cells


@given(LINES, st.integers(60, 200))
def test_no_character_is_lost_by_wrapping(line: Line, cells: int) -> None:
    def letters(rows: list[str]) -> str:
        return "".join("".join(rows).split())

    assert letters(painted(line, cells=cells)) == letters(painted(line))


@given(LINES, st.integers(60, 200))
def test_colour_changes_no_letter_and_nothing_else_is_sent_to_the_terminal(line: Line, cells: int) -> None:
    plain = painted(line, cells=cells)
    coloured = [SGR.sub("", row).rstrip() for row in painted(line, cells=cells, colour=True)]
    assert coloured == [row.rstrip() for row in plain]
    assert all(row.isprintable() for row in plain)


def line(*spans: Span, **fields: object) -> Line:
    return Line(("k",), spans, **fields)  # type: ignore[arg-type]  # fields of a Line


def test_a_verdict_has_its_glyph_and_its_colour() -> None:
    verdicts = {Meaning.WELL: ("✓", "32"), Meaning.FAILED: ("✗", "31"), Meaning.UNKNOWN: ("?", "33")}
    for meaning, (glyph, colour) in verdicts.items():
        assert painted(line(Span("x", meaning))) == [f"{glyph} x"]
        assert f"{colour}m{glyph} x" in painted(line(Span("x", meaning)), colour=True)[0]
        assert painted(line(Span("x", Meaning.VALUE), label="tls", mark=meaning))[0].startswith(f"{glyph} tls  ")


def test_without_utf8_the_glyphs_are_ascii() -> None:
    spans = (Span("a ▸ b", Meaning.QUESTION), Span("403", Meaning.FAILED), Span("→ c × d · e", Meaning.DIM))
    assert painted(line(*spans), is_ascii=True) == ["a > b  x 403  -> c x d - e"]
    assert painted(line(Span("200", Meaning.WELL)), is_ascii=True) == ["+ 200"]


def test_a_tail_is_at_the_right_edge_or_below_where_there_is_no_room() -> None:
    asked = line(Span("a" * 20, Meaning.QUESTION), tail=(Span("403", Meaning.FAILED),))
    assert painted(asked, cells=40) == ["a" * 20 + " " * 15 + "✗ 403"]
    assert painted(asked, cells=25) == ["a" * 20, "  ✗ 403"]
    assert painted(asked) == ["a" * 20 + "  ✗ 403"]
    assert len(painted(asked, cells=400)[0]) == 110


def test_a_name_loses_what_all_names_share_only_where_room_is_short_and_a_reason_never() -> None:
    name = "outbound|80||reviews.default.svc.cluster.local"
    both = line(Span(name, Meaning.VALUE), Span(name, Meaning.REASON))
    assert painted(both, cells=120) == [f"{name}  {name}"]
    assert painted(both, cells=80) == [f"outbound|80||reviews.default…  {name}"]


def test_a_share_has_a_column_of_its_own() -> None:
    shared = line(Span("5 %", Meaning.SHARE), Span("one", Meaning.VALUE), Span("t" * 30, Meaning.REASON), depth=1)
    assert painted(shared, cells=40) == ["    5 %  one", " " * 9 + "t" * 30]
