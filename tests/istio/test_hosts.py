from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.istio.hosts import full_host, intersection, is_within, overlap, specificity

NAMES = st.lists(st.sampled_from("ab"), min_size=1, max_size=4).map(".".join)
HOSTS = st.one_of(NAMES, NAMES.map("*.{}".format), NAMES.map("*{}".format), st.just("*"))


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("reviews", "reviews.prod.svc.cluster.local"),
        ("reviews.prod", "reviews.prod"),
        ("*", "*"),
        ("*.com", "*.com"),
        ("", ""),
    ],
)
def test_a_name_without_a_dot_is_of_the_namespace(name: str, full: str) -> None:
    assert full_host(name, "prod") == full


@given(HOSTS, HOSTS, NAMES)
def test_a_host_is_within_a_pattern_if_each_of_its_names_is(host: str, pattern: str, name: str) -> None:
    if is_within(host, pattern) and is_within(name, host):
        assert is_within(name, pattern)


@given(HOSTS, HOSTS)
def test_of_two_that_overlap_the_intersection_is_the_narrower(one: str, other: str) -> None:
    both = intersection(one, other)
    assert (both is not None) == overlap(one, other) == overlap(other, one)
    if both is not None:
        assert is_within(both, one)
        assert is_within(both, other)
        assert specificity(both) == max(specificity(one), specificity(other))


def test_a_wildcard_is_not_within_a_name_it_may_stand_for() -> None:
    assert not is_within("*.com", "a.com")
    assert is_within("a.com", "*.com")
    assert is_within("*.a.com", "*.com")
    assert not is_within("*.com", "*.a.com")
