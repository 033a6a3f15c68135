from __future__ import annotations

from typing import Any

import pytest

from meshscope.simulation.connection import Connection
from meshscope.simulation.connection_manager.host_normalisation import normalise_host
from meshscope.xds.http_connection_manager import HttpConnectionManager

from ..reading import asking

ANY: dict[str, Any] = {"strip_any_host_port": True}
MATCHING: dict[str, Any] = {"strip_matching_host_port": True}
DOT: dict[str, Any] = {"strip_trailing_host_dot": True}


@pytest.mark.parametrize(
    ("config", "host", "result"),
    [
        ({}, "h.:80", "h.:80"),
        (ANY, "h:80", "h"),
        (ANY, "h:+80", "h"),
        (ANY, "h:abc", "h:abc"),
        (ANY, "h:", "h:"),
        (ANY, "h", "h"),
        (ANY, "[::1]:80", "[::1]"),
        (ANY, "[::1]", "[::1]"),
        (ANY, "a:b:80", "a:b"),
        (ANY, "h.:80", "h."),
        (MATCHING, "h:80", "h"),
        (MATCHING, "h:080", "h"),
        (MATCHING, "h:81", "h:81"),
        (DOT, "h.", "h"),
        (DOT, "h..", "h."),
        (DOT, "h.:80", "h:80"),
        (DOT, "h.:x", "h:x"),
        (DOT, "a.h", "a.h"),
        ({**DOT, **ANY}, "h.:80", "h"),
        ({**DOT, **ANY}, ".", ""),
    ],
)
def test_dots_and_ports_are_stripped_where_that_is_configured(config: dict[str, Any], host: str, result: str) -> None:
    request = normalise_host(HttpConnectionManager(**config), asking(authority=host), Connection(destination_port=80))
    assert request.authority == result


def test_without_a_known_local_port_no_port_matches() -> None:
    assert normalise_host(HttpConnectionManager(**MATCHING), asking(authority="h:80"), Connection()).authority == "h:80"


def test_a_request_without_a_host_stays_as_it_is() -> None:
    request = asking(authority=None)
    assert normalise_host(HttpConnectionManager(**ANY), request, Connection()) is request
