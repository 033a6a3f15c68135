from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.simulation.connection import Envoy
from meshscope.simulation.local_reply import is_grpc, without_blanks
from meshscope.simulation.runtime_fraction import Share, is_on, share_of, whole_number
from meshscope.xds.route_match import FractionalPercent

from .reading import asking

PERCENTS = st.builds(
    FractionalPercent,
    numerator=st.integers(0, 2_000_000),
    denominator=st.sampled_from(["HUNDRED", "TEN_THOUSAND", "MILLION"]),
)


@given(PERCENTS, st.none() | st.integers(0, 2**64 - 1))
def test_branches_add_up_to_one_and_a_random_number_leaves_one(percent: FractionalPercent, random: int | None) -> None:
    branches = Share(percent).branches(random)
    assert sum(chance for _, chance in branches) == pytest.approx(1)
    assert len(branches) == 1 or random is None
    assert len({holds for holds, _ in branches}) == len(branches)


def test_runtime_wins_over_the_configuration_and_the_request_over_the_proxy() -> None:
    half = FractionalPercent(numerator=50)
    proxy = Envoy(runtime={"k": 10, "n": 7, "f": True})
    assert str(share_of(half, "k", asking(), proxy)) == "10%"
    assert str(share_of(half, "k", asking(runtime={"k": 20}), proxy)) == "20%"
    assert str(share_of(half, "other", asking(), proxy)) == "50%"
    assert whole_number("n", 1, asking(), proxy) == 7
    assert whole_number("m", 1, asking(), proxy) == 1
    assert is_on("f", default=False, request=asking(), envoy=proxy)
    assert not is_on("", default=False, request=asking(), envoy=proxy)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("application/grpc", True),
        ("application/grpc+proto", True),
        ("application/grpc-web", False),
        ("Application/GRPC", False),
        ("application/grpc;x", False),
    ],
)
def test_grpc_is_told_by_its_content_type(kind: str, expected: bool) -> None:
    assert is_grpc(asking("/", ("content-type", kind))) is expected


def test_blanks_in_details_become_underscores() -> None:
    assert without_blanks("a b\tc\n") == "a_b_c_"
