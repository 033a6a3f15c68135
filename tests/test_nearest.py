"""Hints for a word that is not known."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from meshscope.nearest import near_words, nearest, nearest_host

WORDS = st.lists(st.text(min_size=1, max_size=8), max_size=12)


def test_the_nearest_names_come_first_then_those_that_hold_the_word_then_all() -> None:
    assert nearest("revews", ["reviews", "ratings"]) == "; did you mean reviews?"
    assert nearest("v1", ["reviews-v1-and-more", "ratings"]) == "; did you mean reviews-v1-and-more?"
    assert nearest("zzz", ["a", "b"]) == "; there are a, b"
    assert nearest("zzz", [f"word-{n:095}" for n in range(9)]).endswith(" and 7 more")
    assert nearest("zzz", ["a", "also-a"], ["a"]) == "; there are a"
    assert nearest("zzz", []) == ""


def test_a_host_is_near_by_its_first_label_too() -> None:
    hosts = ["reviews.default.svc.cluster.local", "ratings.default.svc.cluster.local"]
    assert nearest_host("reviwes", hosts) == "; did you mean reviews.default.svc.cluster.local?"
    assert nearest_host("zzz", hosts) == f"; there are {', '.join(hosts)}"


def test_a_higher_likeness_leaves_out_what_is_only_somewhat_alike() -> None:
    assert near_words("--nam", ["--name", "--no-color"], alike=0.7) == ["--name"]
    assert near_words("--colour", ["--name", "--no-color"], alike=0.9) == []


@given(st.text(max_size=8), WORDS, st.integers(1, 4))
def test_only_known_words_are_offered_and_no_more_than_were_asked_for(word: str, known: list[str], most: int) -> None:
    near = near_words(word, known, most=most)
    assert set(near) <= set(known)
    assert len(near) <= most


@given(WORDS.filter(bool), st.data())
def test_a_known_word_is_its_own_nearest(known: list[str], data: st.DataObject) -> None:
    word = data.draw(st.sampled_from(known))
    assert near_words(word, known)[0] == word
