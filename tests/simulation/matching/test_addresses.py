from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.simulation.matching.addresses import ANYWHERE, Ip, Prefixes, ip_of, prefix_of
from meshscope.xds.address import CidrRange

RANGES = st.tuples(st.ip_addresses(), st.integers(0, 140)).map(
    lambda pair: CidrRange(address_prefix=str(pair[0]), prefix_len=pair[1])
)


def ip(text: str) -> Ip:
    found = ip_of(text)
    assert found is not None
    return found


@given(st.lists(RANGES, max_size=8), st.ip_addresses())
def test_the_longest_prefix_is_the_one_that_the_standard_library_finds(
    ranges: list[CidrRange], address: ipaddress.IPv4Address | ipaddress.IPv6Address
) -> None:
    prefixes = [prefix for each in ranges if (prefix := prefix_of(each))]
    networks = [
        ipaddress.ip_network(
            f"{each.address_prefix}/{min(each.prefix_len, 128 if ':' in each.address_prefix else 32)}", False
        )
        for each in ranges
    ]
    lengths = [network.prefixlen for network in networks if address in network]
    found = Prefixes(prefixes).longest(ip(str(address)))
    assert {prefix.length for prefix in found} == ({max(lengths)} if lengths else set())
    assert all(prefix.holds(ip(str(address))) for prefix in found)


def test_anywhere_holds_both_families_and_equals_an_explicit_catch_all_of_one() -> None:
    explicit = prefix_of(CidrRange(address_prefix="0.0.0.0", prefix_len=0))  # noqa: S104  # matched, not bound
    assert explicit is not None
    index = Prefixes((ANYWHERE, explicit))
    assert index.longest(ip("10.0.0.1")) == (ANYWHERE, explicit)
    assert index.longest(ip("::1")) == (ANYWHERE,)


@pytest.mark.parametrize("text", ["", "reviews", "10.0.0", "10.0.0.256", "/run/x.sock", "[::1]"])
def test_text_that_is_no_address_has_no_number(text: str) -> None:
    assert ip_of(text) is None
