"""The answer is that of the plain definition, whatever was asked before."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.listing import fuzzy_index as module
from meshscope.listing.fuzzy_index import FuzzyIndex

LETTERS = st.text("abB1.ß\n", max_size=6)
WANTED = st.text("abB1.ß\n", min_size=1, max_size=4)


def text_of(lines: str) -> str:
    return f"\n{lines.casefold()}\n"


def passes(text: str, wanted: str) -> bool:
    """The characters are in one line, in their order: each of them is taken from what is left of it."""
    return any(is_within(wanted.casefold(), line) for line in text.split("\n"))


def is_within(wanted: str, line: str) -> bool:
    left = iter(line)
    return all(character in left for character in wanted)


@pytest.mark.parametrize("few", [0, 256], ids=["many different cells", "few different cells"])
@given(
    st.lists(LETTERS, max_size=12).map(lambda cells: [text_of(cell) for cell in cells]), st.lists(WANTED, max_size=12)
)
def test_each_question_of_a_row_of_them_has_the_plain_answer(few: int, texts: list[str], questions: list[str]) -> None:
    with patch.object(module, "_FEW", few):
        index = FuzzyIndex(texts)
        for wanted in questions:
            expected = [passes(text, wanted) for text in texts]
            found = index.rows(wanted)
            assert (found is None) == (not any(expected))
            assert found is None or list(map(bool, found)) == expected


@given(st.lists(LETTERS, min_size=1, max_size=6), st.text("ab1.", min_size=1, max_size=6))
def test_a_text_that_is_typed_letter_by_letter_and_taken_back_has_the_plain_answers(
    cells: list[str], typed: str
) -> None:
    texts = [text_of(cell) for cell in cells] * 3
    index = FuzzyIndex(texts)
    steps = [typed[:end] for end in range(1, len(typed) + 1)]
    for wanted in (*steps, *reversed(steps), typed[::-1]):
        assert list(map(bool, index.rows(wanted) or bytes(len(texts)))) == [passes(text, wanted) for text in texts]


def test_a_line_end_is_in_no_line_and_no_row_passes_where_there_is_none() -> None:
    assert FuzzyIndex(["\na\nb\n"]).rows("a\nb") is None
    assert FuzzyIndex([]).rows("a") is None
