"""Chains of a port in another mode of mutual TLS are those that istiod makes of the port in that mode."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from meshscope.effect.configuration import Configuration
from meshscope.effect.inbound_ports import inbound_ports
from meshscope.effect.kinds.peer_authentication import levels_of
from meshscope.envoy.resource import LISTENER
from meshscope.mesh.mesh import Mesh
from meshscope.overlay.inbound.chains import Names, chains_of_port
from meshscope.overlay.policies.mutual_tls import mode_at
from meshscope.overlay.policies.peer_chains import converted
from meshscope.overlay.what_if import WhatIf

from ..asking import item, mesh_of

MODES = ("STRICT", "PERMISSIVE")


@pytest.mark.parametrize("name", ["services", "security", "bookinfo"])
def test_a_converted_port_is_one_that_is_made_in_the_mode(name: str) -> None:
    configuration, seen = Configuration(mesh_of(name)), set()
    for client in (one for one in configuration.clients if one.kind == "sidecar"):
        resource = client.proxy.resource(LISTENER, "virtualInbound")
        assert resource is not None
        listener: Any = msgspec.json.decode(resource.canonical())
        for port in inbound_ports(configuration, client):
            mode = mode_at(levels_of(configuration, client), port.target)
            if mode not in MODES:
                continue
            today = [
                one
                for one in listener["filter_chains"]
                if one["filter_chain_match"].get("destination_port") == port.target
            ]
            names = Names(
                today[0]["name"].rpartition("_")[0],
                "private.team-b" if port.ingress else port.host,
                today[0].get("metadata"),
            )
            wanted = MODES[1 - MODES.index(mode)]
            assert converted(today, wanted, listener["filter_chains"]) == chains_of_port(listener, port, wanted, names)
            seen.add((port.protocol.family, mode))
    assert seen


def inbound(mesh: Mesh) -> dict[str, Any]:
    found = ((proxy.name, proxy.resource(LISTENER, "virtualInbound")) for proxy in mesh.proxies)
    return {name: msgspec.json.decode(one.canonical()) for name, one in found if one is not None}


@pytest.mark.parametrize("ref", [str(one) for one in mesh_of("security").objects if one.kind == "PeerAuthentication"])
def test_a_policy_that_comes_back_leaves_every_listener_as_it_was(ref: str) -> None:
    """With the filters that tell TLS and HTTP, and the ports that they leave alone."""
    mesh = mesh_of("security")
    one = item(mesh, ref)
    without = WhatIf(mesh, [], without=[one.ref])
    back = WhatIf(without.mesh, [one])
    assert inbound(back.mesh) == inbound(mesh)
