from __future__ import annotations

import pytest

from meshscope.xds.address import Address, CidrRange
from meshscope.xds.message import decode


def address(text: str) -> Address:
    found = decode(text.encode(), Address)
    assert isinstance(found, Address)
    return found


@pytest.mark.parametrize(
    ("text", "shown", "host", "port"),
    [
        ('{"socket_address":{"address":"10.0.0.1","port_value":80}}', "10.0.0.1:80", "10.0.0.1", 80),
        ('{"socket_address":{"address":"10.0.0.1","port_value":"80"}}', "10.0.0.1:80", "10.0.0.1", 80),
        ('{"socket_address":{"address":"::1","port_value":80}}', "[::1]:80", "::1", 80),
        ('{"socket_address":{"address":"10.0.0.1"}}', "10.0.0.1:0", "10.0.0.1", 0),
        ('{"socket_address":{"address":"a.example","named_port":"http"}}', "a.example:http", "a.example", 0),
        ('{"pipe":{"path":"@/x"}}', "@/x", "@/x", None),
        ('{"envoy_internal_address":{"server_listener_name":"l"}}', "envoy://l/", "envoy://l/", None),
        (
            '{"envoy_internal_address":{"server_listener_name":"l","endpoint_id":"10.0.0.1:80"}}',
            "envoy://l/10.0.0.1:80",
            "envoy://l/10.0.0.1:80",
            None,
        ),
        ("{}", "", "", None),
    ],
)
def test_an_address_is_written_as_envoy_writes_it(text: str, shown: str, host: str, port: int | None) -> None:
    found = address(text)
    assert (str(found), found.host, found.port) == (shown, host, port)


def test_a_range_is_written_with_its_length() -> None:
    assert str(CidrRange(address_prefix="10.0.0.0", prefix_len=8)) == "10.0.0.0/8"
    assert str(CidrRange(address_prefix="::")) == "::/0"
