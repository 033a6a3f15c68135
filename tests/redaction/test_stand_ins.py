"""Stand-ins: what compares equal, begins or ends alike, contains or matches something still does; and no value is left."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from meshscope.redaction.pieces import Pieces, pieces_of
from meshscope.redaction.stand_ins import MARK, StandIns

KEY = b"0123456789abcdef"
WORDS = st.text("abcdxyz", min_size=1, max_size=5)
VALUES = st.lists(WORDS, min_size=1, max_size=4).flatmap(
    lambda words: st.sampled_from("-. /:=;").map(lambda joint: joint.join(words))
)


def stand_ins(*bodies: str) -> StandIns:
    return StandIns(KEY, lambda: pieces_of(body.encode() for body in bodies))


@given(VALUES, VALUES)
def test_equal_values_have_equal_stand_ins_and_others_have_others(one: str, other: str) -> None:
    new = stand_ins()
    assert (new.text(one) == new.text(other)) == (one == other)
    assert new.text(new.text(one)) == new.text(one)


@pytest.mark.parametrize(("how", "holds"), [
    ("prefix", str.startswith), ("suffix", str.endswith), ("contains", str.__contains__)])  # fmt: skip
@pytest.mark.parametrize(
    "form", ['{{"{how}": "{piece}"}}', '{{"{how}_match":"{piece}"}}', "{how}Match: '{piece}'\n", "{how}: {piece}\n"]
)
def test_a_matcher_of_a_piece_decides_the_same(how: str, holds: object, form: str) -> None:
    @given(VALUES, WORDS if how == "contains" else VALUES)
    def decides(value: str, piece: str) -> None:
        new = stand_ins(form.format(how=how, piece=piece))
        if holds(value, piece):  # type: ignore[operator]  # a method of str
            assert holds(new.text(value), new.text(piece))  # type: ignore[operator]

    decides()


@given(WORDS, WORDS)
def test_a_piece_that_is_not_there_is_not_there_afterwards(value: str, piece: str) -> None:
    assume(not value.startswith(piece))
    new = stand_ins(f'{{"prefix": "{piece}"}}')
    assert not new.text(value).startswith(new.text(piece))


@pytest.mark.parametrize(("pattern", "value"), [
    (r"^(.*;)?user=jason(;.*)?$", "sid=1;user=jason"), (r"ja.*", "jason"), (r"[a-z]+-jason\d*", "mr-jason"),
    (r"(?i)jason|peter", "peter"), (r"\w{3,}", "jason")])  # fmt: skip
def test_a_regular_expression_still_matches(pattern: str, value: str) -> None:
    new = stand_ins('{"safe_regex": {"regex": "' + pattern.replace("\\", "\\\\") + '"}}')
    assert re.fullmatch(pattern, value)
    assert not re.fullmatch(pattern, "42?")
    if pattern != r"ja.*":  # two letters are too few to look for
        assert re.fullmatch(new.pattern(pattern), new.text(value))
    assert not re.fullmatch(new.pattern(pattern), new.text("42?"))


@pytest.mark.parametrize("value", ["hunter2", "a.b-c d", "ß-日本", "P@ss W0rd!", "x" * 5000])
def test_no_word_is_left(value: str) -> None:
    new = stand_ins().text(value)
    assert not set(re.findall(r"[^\W_]{2,}", value)) & set(re.findall(r"[^\W_]{2,}", new))
    assert MARK in new.lower()


def test_operators_switches_and_schemes_stay() -> None:
    assert stand_ins().text("Bearer true %REQ(X-A?:B):12% %START_TIME%") == "Bearer true %REQ(X-A?:B):12% %START_TIME%"
    assert "secret" not in stand_ins().text('%CEL("secret")%')


def test_case_stays() -> None:
    new = stand_ins()
    assert new.text("Jason").lower() == new.text("jason") == new.text("JASON").lower()
    assert new.text("Jason")[0].isupper()


def test_numbers_stay_where_something_compares_numbers() -> None:
    assert stand_ins('{"range_match": {"start": 1}}').text("42") == "42"
    assert stand_ins().text("42") != "42"


def test_another_key_gives_other_stand_ins() -> None:
    assert StandIns(b"another key here", Pieces).text("jason") != stand_ins().text("jason")


@pytest.mark.parametrize(
    "unit", ["eyJ", "a.-", "x*", '"prefix":"a",', "contains: ", "%REQ(", "[redacted]", "[", "(?i", "\\", "ß", " "]
)
def test_stand_ins_take_time_in_proportion(unit: str) -> None:
    started = time.monotonic()
    text = unit * (200_000 // len(unit))
    new = stand_ins(text)
    new.text(text)
    new.pattern(text)
    assert time.monotonic() - started < 15
