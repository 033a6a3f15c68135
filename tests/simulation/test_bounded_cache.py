from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from meshscope.simulation.bounded_cache import BoundedCache


@given(st.lists(st.integers(0, 9), max_size=60), st.integers(1, 5))
def test_what_is_kept_is_what_was_made_and_never_more_than_allowed(keys: list[int], most: int) -> None:
    kept, made = BoundedCache(most), list[int]()

    def squared(key: int) -> int:
        made.append(key)
        return key * key

    for key in keys:
        assert kept.of(key, lambda key=key: squared(key)) == key * key  # type: ignore[misc]  # each is called at once
        assert len(kept._answers) <= most
    assert len(made) >= len(set(keys))


def test_an_answer_is_made_once() -> None:
    kept, made = BoundedCache(2), list[str]()
    for _ in range(3):
        assert kept.of("a", lambda: made.append("a")) is None
    assert made == ["a"]
