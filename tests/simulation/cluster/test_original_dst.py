from __future__ import annotations

from typing import Any

import pytest

from meshscope.simulation.cluster.original_dst import original_destination
from meshscope.simulation.connection import Connection, HttpRequest
from meshscope.xds.cluster import Cluster

from ..reading import asking, read

RESTORED = Connection(destination_ip="10.0.0.9", destination_port=443)
HEADER = {"use_http_header": True}
NAMED = asking(
    "/", ("x-envoy-original-dst-host", "10.1.1.1:81"), ("x-mine", "[::1]:82"), metadata={"ns": {"k": "10.2.2.2:83"}}
)


@pytest.mark.parametrize(
    ("config", "request_", "restored", "address"),
    [
        ({}, NAMED, True, "10.0.0.9:443"),
        ({}, NAMED, False, ""),
        ({}, None, True, "10.0.0.9:443"),
        (HEADER, NAMED, True, "10.1.1.1:81"),
        (HEADER, asking(), True, "10.0.0.9:443"),
        (HEADER, asking("/", ("x-envoy-original-dst-host", "name:80")), False, ""),
        ({**HEADER, "http_header_name": "x-mine"}, NAMED, True, "[::1]:82"),
        ({"metadata_key": {"key": "ns", "path": [{"key": "k"}]}}, NAMED, True, "10.2.2.2:83"),
        ({"upstream_port_override": 15006}, None, True, "10.0.0.9:15006"),
        ({**HEADER, "upstream_port_override": 15006}, NAMED, True, "10.1.1.1:15006"),
        ({"upstream_port_override": 15006}, None, False, ""),
    ],
)
def test_the_destination_is_the_first_that_is_an_address(
    config: dict[str, Any], request_: HttpRequest | None, restored: bool, address: str
) -> None:
    cluster = read(Cluster, {"type": "ORIGINAL_DST", "original_dst_lb_config": config})
    assert original_destination(cluster, RESTORED, request_, restored=restored).address == address


def test_an_ipv6_destination_is_written_in_brackets() -> None:
    connection = Connection(destination_ip="fd00::1", destination_port=80)
    assert original_destination(Cluster(), connection, None, restored=True).address == "[fd00::1]:80"
