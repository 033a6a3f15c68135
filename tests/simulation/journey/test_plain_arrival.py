"""Where a request arrives at an Envoy of which nothing but its configuration is known."""

from __future__ import annotations

from typing import Any

import pytest

from meshscope.simulation.journey.simulator import trace
from meshscope.simulation.request import Request
from meshscope.simulation.trace import Path

from ...mesh.meshes import NETWORK, at, dump, listeners, mesh_of

DIRECT = {"name": "v", "domains": ["*"], "routes": [{"match": {"prefix": "/"}, "direct_response": {"status": 200}}]}
ROUTER = {"name": "r", "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}}
CHAIN = {"filters": [{"name": "h", "typed_config": {
    "@type": f"{NETWORK}.http_connection_manager.v3.HttpConnectionManager",
    "http_filters": [ROUTER], "route_config": {"name": "t", "virtual_hosts": [DIRECT]}}}]}  # fmt: skip
ORIGINAL_DST = {"name": "envoy.filters.listener.original_dst", "typed_config": {
    "@type": "type.googleapis.com/envoy.extensions.filters.listener.original_dst.v3.OriginalDst"}}  # fmt: skip
RESTORING: dict[str, Any] = {"listener_filters": [ORIGINAL_DST]}


def listening(address: str, name: str = "l", **more: Any) -> dict[str, Any]:
    return {"name": name, **at(address), "filter_chains": [CHAIN], **more}


def paths_of(dest: str, *bodies: dict[str, Any], to: str = "") -> tuple[Path, ...]:
    return trace(mesh_of(dump(listeners(*bodies))), Request(dest=dest, to=to)).paths


@pytest.mark.parametrize(
    ("dest", "address", "disposition"),
    [
        ("http://127.0.0.1:8080/", "127.0.0.1:8080", "direct_response"),
        ("http://localhost:8080/", "127.0.0.1:8080", "direct_response"),
        ("http://10.1.1.1:8080/", "10.1.1.1:8080", "direct_response"),
        ("http://10.1.1.1:8080/", "0.0.0.0:8080", "direct_response"),
        ("http://10.1.1.2:8080/", "10.1.1.1:8080", "no_listener"),
        ("http://10.1.1.1:8081/", "10.1.1.1:8080", "no_listener"),
        ("http://a.example:8081/", "10.1.1.1:8080", "no_listener"),
    ],
)
def test_a_url_may_name_the_listeners_own_address(dest: str, address: str, disposition: str) -> None:
    (path,) = paths_of(dest, listening(address))
    assert path.disposition == disposition


def test_a_name_may_be_the_address_of_what_listens_on_its_port() -> None:
    (path,) = paths_of("http://a.example:8080/", listening("10.1.1.1:8080"))
    assert (path.disposition, path.if_passed, path.assuming) == (
        "unknown", "direct_response", ("a.example is 10.1.1.1",)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("more", "to", "if_passed"),
    [
        (RESTORING, "10.96.0.9:80", "direct_response"),
        ({"use_original_dst": True}, "10.96.0.9:80", "direct_response"),
        ({**RESTORING, "traffic_direction": "OUTBOUND"}, "10.96.0.9:80", "direct_response"),
        ({**RESTORING, "traffic_direction": "INBOUND"}, "10.96.0.9:80", None),
        (RESTORING, "127.0.0.1:80", None),
        ({**RESTORING, "bind_to_port": False}, "10.96.0.9:80", None),
        ({}, "10.96.0.9:80", None),
    ],
)
def test_what_restores_the_original_destination_may_get_redirected_connections(
    more: dict[str, Any], to: str, if_passed: str | None
) -> None:
    (path,) = paths_of("http://web.example/", listening("127.0.0.1:15001", **more), to=to)
    assert (path.disposition, path.if_passed) == (("unknown", if_passed) if if_passed else ("no_listener", None))
    assert not if_passed or "redirected to l at 127.0.0.1:15001" in path.assuming[0]


def test_an_address_with_a_socket_of_its_own_is_not_redirected() -> None:
    (path,) = paths_of(
        "http://a/", listening("127.0.0.1:15001", **RESTORING), listening("10.1.1.1:80", "own"), to="10.1.1.1:80"
    )
    assert (path.disposition, path.hops[0].listener) == ("direct_response", "own")


def test_a_redirected_connection_is_handed_off_as_envoy_does() -> None:
    entry = listening("127.0.0.1:15001", "entry", use_original_dst=True)
    (path,) = paths_of("http://a/", entry, listening("10.96.0.9:80", "own", bind_to_port=False), to="10.96.0.9:80")
    assert (path.if_passed, path.hops[0].listener) == ("direct_response", "own")


def test_every_listener_that_might_get_them_is_a_way() -> None:
    two = (listening(f"127.0.0.1:{port}", f"l{port}", **RESTORING) for port in (15001, 15002))
    found = paths_of("http://a/", *two, to="10.96.0.9:80")
    assert sorted((path.hops[0].listener or "", path.probability) for path in found) == [
        ("l15001", None), ("l15002", None)
    ]  # fmt: skip
