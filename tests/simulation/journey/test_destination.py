"""DEST as people type it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.simulation.journey.destination import joined, parse_destination, split_address

PORTS = st.integers(1, 65535)
ADDRESSES = st.ip_addresses().map(str)


@pytest.mark.parametrize(
    ("text", "host", "port", "scheme", "path"),
    [
        ("reviews", "reviews", None, None, "/"),
        ("reviews.default:9080", "reviews.default", 9080, None, "/"),
        ("reviews:9080/a?b#c", "reviews", 9080, None, "/a?b"),
        ("http://reviews/x", "reviews", None, "http", "/x"),
        ("HTTPS://user@shop.example:8443?q=1", "shop.example", 8443, "https", "/?q=1"),
        ("grpc://ratings:50051", "ratings", 50051, "grpc", "/"),
        ("http://[::1]:80/", "::1", 80, "http", "/"),
        ("[fd00::1]:9080", "fd00::1", 9080, None, "/"),
    ],
)
def test_the_parts_of_a_destination(text: str, host: str, port: int | None, scheme: str | None, path: str) -> None:
    found = parse_destination(text)
    assert found is not None
    assert (found.host, found.port, found.scheme, found.path) == (host, port, scheme, path)


@pytest.mark.parametrize("text", ["", "http://", ":80", "reviews:0", "reviews:65536", "reviews:http", "http:///x"])
def test_what_is_no_destination(text: str) -> None:
    assert parse_destination(text) is None


@given(ADDRESSES, PORTS)
def test_an_address_and_port_joined_are_split_again(ip: str, port: int) -> None:
    assert split_address(joined(ip, port)) == (ip, port)
    assert split_address(ip) == (ip, None)


@pytest.mark.parametrize("text", ["reviews", "reviews:80", "10.0.0", "10.0.0.1:x", "/run/pipe", "10.0.0.1:80/"])
def test_a_name_is_no_address(text: str) -> None:
    assert split_address(text) is None
