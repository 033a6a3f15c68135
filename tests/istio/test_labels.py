from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from meshscope.istio.labels import Labels

pairs = st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=4)


@given(pairs)
def test_the_order_of_the_text_makes_no_difference(labels: dict[str, str]) -> None:
    backwards = dict(reversed(labels.items()))
    assert Labels.of(labels) == Labels.of(backwards)
    assert hash(Labels.of(labels)) == hash(Labels.of(backwards))


@given(pairs, pairs)
def test_a_selector_matches_exactly_where_every_pair_is_there(labels: dict[str, str], selector: dict[str, str]) -> None:
    expected = all(labels.get(key) == value for key, value in selector.items())
    assert Labels.of(labels).match(Labels.of(selector)) == expected


def test_values_are_found_by_their_key() -> None:
    labels = Labels.of({"app": "reviews", "version": 2, "flag": None})
    assert labels.get("app") == "reviews"
    assert labels.get("version") == "2"
    assert labels.get("flag", "x") == ""
    assert labels.get("other", "x") == "x"
    assert labels.has("flag")
    assert not labels.has("reviews")
