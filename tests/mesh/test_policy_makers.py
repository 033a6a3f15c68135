"""Policies of ztunnels and the objects that they are made of."""

from __future__ import annotations

import pytest

from meshscope.mesh.policy_makers import maker_of

from .meshes import captured, manifest, mesh_of

PEERS = (
    manifest("PeerAuthentication", "all", "security.istio.io", "istio-system", spec={"mtls": {"mode": "STRICT"}}),
    manifest("PeerAuthentication", "open", "security.istio.io", "shop", spec={"mtls": {"mode": "PERMISSIVE"}}),
    manifest("PeerAuthentication", "db", "security.istio.io", "shop", spec={"mtls": {"mode": "STRICT"}}),
)


@pytest.mark.parametrize(
    ("namespace", "name", "maker"),
    [
        ("shop", "allow", "AuthorizationPolicy shop/allow"),
        ("shop", "converted_peer_authentication_db", "PeerAuthentication shop/db"),
        ("shop", "istio_allow_waypoint_edge_way-point", "Gateway edge/way-point"),
        ("istio-system", "istio_converted_static_strict", "PeerAuthentication istio-system/all, shop/db"),
    ],
)
def test_a_policy_is_of_the_object_that_people_wrote(namespace: str, name: str, maker: str) -> None:
    mesh = mesh_of(*(captured(f"{number}.json", body) for number, body in enumerate(PEERS)))
    assert maker_of(mesh, namespace, name) == maker


def test_without_manifests_the_mode_is_named() -> None:
    name = "istio_converted_static_strict"
    assert (
        maker_of(mesh_of(captured("open.json", PEERS[1])), "istio-system", name) == "PeerAuthentication of mode STRICT"
    )
