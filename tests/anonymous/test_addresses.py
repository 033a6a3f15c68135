"""AddressPermutation under another name: ranges hold what they held, classes stay, and nobody's address is his own."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.anonymous.addresses import AddressPermutation

KEY = b"0123456789abcdef"
V4 = st.ip_addresses(v=4)
V6 = st.ip_addresses(v=6)
PRIVATE = st.integers(0, 2**24 - 1).map(lambda number: IPv4Address(10 << 24 | number))


def replaced(address: object, key: bytes = KEY) -> str:
    new = AddressPermutation(key).replace(str(address))
    assert new is not None
    return new


def shared(one: IPv4Address | IPv6Address, other: IPv4Address | IPv6Address) -> int:
    """Leading bits that two addresses have in common."""
    return one.max_prefixlen - (int(one) ^ int(other)).bit_length()


@given(V4, V4)
def test_two_addresses_share_as_many_bits_as_before(one: IPv4Address, other: IPv4Address) -> None:
    assert shared(ip_address(replaced(one)), ip_address(replaced(other))) == shared(one, other)


@given(V6, V6)
def test_so_do_those_of_the_sixth_version(one: IPv6Address, other: IPv6Address) -> None:
    if not (one.ipv4_mapped or other.ipv4_mapped):
        assert shared(ip_address(replaced(one)), ip_address(replaced(other))) == shared(one, other)


@given(PRIVATE, st.integers(8, 32))
def test_a_range_holds_its_address_as_before(address: IPv4Address, length: int) -> None:
    network = ip_network((address, length), strict=False)
    assert ip_address(replaced(address)) in ip_network(replaced(network))
    assert ip_network(replaced(network)).prefixlen == length


@given(V4 | V6)
def test_the_class_of_an_address_stays(address: IPv4Address | IPv6Address) -> None:
    new = ip_address(replaced(address))
    for said in ("is_private", "is_loopback", "is_multicast", "is_link_local", "is_unspecified"):
        if said != "is_private" or new.version == 4:
            assert getattr(new, said) == getattr(address, said), said


@pytest.mark.parametrize(
    "kept",
    ["0.0.0.0", "127.0.0.1", "127.0.0.6", "169.254.169.254", "240.240.0.1", "::", "::1", "ff02::1", "0.0.0.0/0"],  # noqa: S104
)
def test_addresses_that_the_mesh_itself_names_stay(kept: str) -> None:
    assert replaced(kept) == kept


def test_another_key_gives_other_addresses() -> None:
    assert replaced("10.1.2.3") != replaced("10.1.2.3", b"another key here") != "10.1.2.3"
    assert replaced("10.1.2.3") == replaced("10.1.2.3")


def test_an_address_inside_one_of_the_sixth_version_is_the_same_address() -> None:
    assert ip_address(replaced("::ffff:10.1.2.3")) == IPv6Address(f"::ffff:{replaced('10.1.2.3')}")


def test_what_is_no_address_is_none() -> None:
    assert AddressPermutation(KEY).replace("10.0.0.256") is None
    assert AddressPermutation(KEY).replace("10.0.0.0/33") is None
