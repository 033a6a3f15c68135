"""The PROXY protocol around the sockets of a cluster, and away again."""

from __future__ import annotations

import copy

import pytest

from meshscope.effect.clusters.expected import PROXY_PROTOCOL
from meshscope.overlay.change import Reach
from meshscope.overlay.clusters.proxy_protocol import unwrap, wrap

from ..asking import mesh_of
from .settings import Json
from .test_policy_body import applied

TLS = {"name": "tls", "typed_config": {"@type": "a"}}


@pytest.mark.parametrize(
    "body",
    [{}, {"transport_socket": TLS}, {"transport_socket_matches": [{"name": "a", "transport_socket": TLS}]}],
)
def test_what_is_wrapped_comes_out_as_it_was(body: Json) -> None:
    wrapped = copy.deepcopy(body)
    wrap(wrapped, {PROXY_PROTOCOL: "V2"})
    assert wrapped != body
    unwrap(wrapped)
    assert wrapped == body


def test_without_the_setting_nothing_is_wrapped() -> None:
    body: Json = {"transport_socket": TLS}
    wrap(body, {})
    assert body == {"transport_socket": TLS}


def test_whether_servers_take_it_is_unknown() -> None:
    told = applied(mesh_of("services"), {"proxyProtocol": {}}).not_rebuilt
    assert {one.decides for one in told if "proxyProtocol" in one.because} == {Reach.CLUSTER}
