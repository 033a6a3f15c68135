from __future__ import annotations

import pytest

from meshscope.effect.configuration import Configuration
from meshscope.effect.policies.chains import PolicyChain, Unread, policy_chains

from ...mesh.meshes import at, tcp_listener
from . import small_mesh
from .small_mesh import Json, http_chain, inbound, policy, tcp_chain


def chains(*bodies: Json, kind: str = "sidecar") -> tuple[PolicyChain | Unread, ...]:
    proxy = small_mesh.proxy(*bodies, kind=kind)
    configuration = Configuration(small_mesh.mesh(proxy, policy("AuthorizationPolicy", {})))
    (client,) = configuration.clients
    return policy_chains(configuration, client)


def words(*bodies: Json, kind: str = "sidecar") -> list[str]:
    return [str(one) for one in chains(*bodies, kind=kind)]


OUTBOUND = {**tcp_listener("10.0.0.1_80", "c"), "traffic_direction": "OUTBOUND"}


def test_of_a_sidecar_the_inbound_chains_declared_ports_first() -> None:
    blackhole = {**tcp_chain(port=15006), "name": "virtualInbound-blackhole"}
    passing = {**tcp_chain(port=9000), "name": "virtualInbound"}
    found = words(OUTBOUND, inbound(blackhole, http_chain(port=None), passing, http_chain(), tcp_chain()))
    assert found == [
        "HTTP chain of virtualInbound, port 8080",
        "TCP chain of virtualInbound, port 5432",
        "HTTP chain of virtualInbound, undeclared ports",
        "TCP chain of virtualInbound, port 9000",
    ]


def test_an_inbound_listener_with_its_own_socket_has_the_port_of_its_address() -> None:
    own = {**inbound(http_chain(port=None), name="10.0.0.9_7070"), **at("10.0.0.9:7070")}
    (found,) = chains(own)
    assert isinstance(found, PolicyChain)
    assert (found.port, found.is_declared) == (7070, True)


def test_of_a_gateway_all_chains() -> None:
    listener = {**OUTBOUND, "name": "0.0.0.0_8443", **at("0.0.0.0:8443")}
    assert words(listener, kind="router") == ["TCP chain of 0.0.0.0_8443, port 8443"]


def test_internal_listeners_are_nobodys() -> None:
    assert words({**inbound(http_chain()), "internal_listener": {}}) == []


@pytest.mark.parametrize("kind", ["sidecar", "router"])
def test_what_does_not_read_is_said(kind: str) -> None:
    (listener,) = chains({**inbound(), "filter_chains": 7}, kind=kind)
    assert isinstance(listener, Unread)
    assert "virtualInbound" in listener.because


def test_each_filter_has_its_place_in_the_dump() -> None:
    filters = [
        small_mesh.extension("type.googleapis.com/example.A"),
        small_mesh.extension("type.googleapis.com/example.B"),
    ]
    http, tcp = chains(inbound(http_chain(*filters), tcp_chain(*filters)))
    assert isinstance(http, PolicyChain)
    assert isinstance(tcp, PolicyChain)
    start = ("filter_chains", 0, "filters", 0, "typed_config", "http_filters")
    assert [path for path, _ in http.filters()] == [(*start, 0), (*start, 1)]
    assert [path for path, _ in tcp.filters()] == [("filter_chains", 1, "filters", number) for number in range(3)]
