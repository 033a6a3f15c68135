from __future__ import annotations

from typing import Any

import pytest

from meshscope.simulation.connection import Connection, Envoy
from meshscope.simulation.connection_manager.client_address import ClientAddress, client_address
from meshscope.xds.http_connection_manager import HttpConnectionManager

from ..reading import asking, read

PEER = Connection(source_ip="9.9.9.9", destination_ip="10.0.0.1", destination_port=80)
RANGES = {"internal_address_config": {"cidr_ranges": [{"address_prefix": "10.0.0.0", "prefix_len": 8}]}}
EDGE: dict[str, Any] = {"use_remote_address": True}


def client(
    config: dict[str, Any], *forwarded: str, peer: Connection = PEER, envoy: Envoy | None = None
) -> ClientAddress:
    headers = tuple(("x-forwarded-for", each) for each in forwarded)
    return client_address(read(HttpConnectionManager, config), peer, asking("/", *headers), envoy or Envoy())


@pytest.mark.parametrize(
    ("config", "forwarded", "ip"),
    [
        ({}, (), "9.9.9.9"),
        ({}, ("1.1.1.1",), "1.1.1.1"),
        ({}, ("1.1.1.1, 2.2.2.2",), "2.2.2.2"),
        ({}, ("1.1.1.1", "2.2.2.2"), "2.2.2.2"),
        ({}, ("1.1.1.1,bad",), "9.9.9.9"),
        ({}, ("1.1.1.1, ",), "9.9.9.9"),
        ({}, ("1.1.1.1:80",), "9.9.9.9"),
        ({}, ("[::1]",), "9.9.9.9"),
        ({}, ("::1",), "::1"),
        ({"xff_num_trusted_hops": 1}, ("1.1.1.1,2.2.2.2",), "1.1.1.1"),
        ({"xff_num_trusted_hops": 1}, ("1.1.1.1",), "9.9.9.9"),
        (EDGE, ("1.1.1.1",), "9.9.9.9"),
        ({**EDGE, "xff_num_trusted_hops": 1}, ("1.1.1.1,2.2.2.2",), "2.2.2.2"),
        ({**EDGE, "xff_num_trusted_hops": 2}, ("1.1.1.1,2.2.2.2",), "1.1.1.1"),
        ({**EDGE, "xff_num_trusted_hops": 3}, ("1.1.1.1,2.2.2.2",), "9.9.9.9"),
    ],
)
def test_the_client_is_the_address_in_front_of_the_trusted_proxies(
    config: dict[str, Any], forwarded: tuple[str, ...], ip: str
) -> None:
    assert client(config, *forwarded).ip == ip


PRIVATE = Connection(source_ip="10.2.3.4", destination_ip="10.0.0.1")


@pytest.mark.parametrize(
    ("config", "forwarded", "peer", "internal"),
    [
        ({**EDGE, **RANGES}, (), PRIVATE, True),
        ({**EDGE, **RANGES}, (), PEER, False),
        ({**EDGE, **RANGES}, ("10.1.1.1",), PRIVATE, False),
        (RANGES, ("10.1.1.1",), PEER, True),
        (RANGES, ("10.1.1.1, 10.1.1.2",), PEER, False),
        (RANGES, ("11.1.1.1",), PEER, False),
        (RANGES, (), PRIVATE, False),
        ({**RANGES, "xff_num_trusted_hops": 1}, ("10.1.1.1, 10.1.1.2",), PEER, False),
        (EDGE, (), PRIVATE, False),
        ({**EDGE, "internal_address_config": {"unix_sockets": True}}, (), PRIVATE, True),
        ({**EDGE, "internal_address_config": {"unix_sockets": True}}, (), PEER, False),
        ({**EDGE, "internal_address_config": {"unix_sockets": True}}, (), Connection(is_ip=False), True),
        ({**EDGE, "internal_address_config": {}}, (), Connection(is_ip=False), False),
    ],
)
def test_a_request_is_internal_with_one_address_in_an_internal_range(
    config: dict[str, Any], forwarded: tuple[str, ...], peer: Connection, *, internal: bool
) -> None:
    assert client(config, *forwarded, peer=peer).internal is internal


GUARD = "envoy.reloadable_features.explicit_internal_address_config"


@pytest.mark.parametrize(
    ("envoy", "internal"),
    [
        (Envoy((1, 32, 0)), True),
        (Envoy((1, 32, 0), {GUARD: True}), False),
        (Envoy((1, 33, 0)), False),
        (Envoy((1, 33, 0), {GUARD: False}), True),
        (Envoy((1, 36, 0), {GUARD: False}), False),
        (Envoy(), False),
    ],
)
def test_private_addresses_were_internal_before_1_33(envoy: Envoy, *, internal: bool) -> None:
    assert client(EDGE, peer=PRIVATE, envoy=envoy).internal is internal


@pytest.mark.parametrize(
    ("ip", "internal"),
    [("172.16.0.1", True), ("172.32.0.1", False), ("192.168.1.1", True), ("127.0.0.1", True), ("127.0.0.2", False),
     ("::1", True), ("fd00::1", True), ("fc00::1", False)],
)  # fmt: skip
def test_private_is_rfc_1918_and_its_like(ip: str, *, internal: bool) -> None:
    assert client(EDGE, peer=Connection(source_ip=ip), envoy=Envoy((1, 20, 0))).internal is internal


def test_an_extension_finds_the_client_in_the_place_of_the_trusted_hops() -> None:
    kind = "type.googleapis.com/envoy.extensions.http.original_ip_detection.custom_header.v3.CustomHeaderConfig"
    config = {"@type": kind, "header_name": "x-ip", "allow_extension_to_set_address_as_trusted": True}
    detecting = {"original_ip_detection_extensions": [{"name": "x", "typed_config": config}], **RANGES}
    manager = read(HttpConnectionManager, detecting)
    found = client_address(manager, PEER, asking("/", ("x-ip", "10.1.1.1"), ("x-forwarded-for", "1.1.1.1")), Envoy())
    assert found == ClientAddress("10.1.1.1", internal=True, from_header=True)
    assert client_address(manager, PEER, asking("/", ("x-forwarded-for", "1.1.1.1")), Envoy()).ip == "9.9.9.9"
