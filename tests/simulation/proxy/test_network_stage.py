from __future__ import annotations

from typing import Any

import pytest

from meshscope.simulation.journey.simulator import Simulator
from meshscope.simulation.request import Request
from meshscope.simulation.trace import Path
from tests.mesh.meshes import NETWORK, TLS, clusters, dump, listeners, mesh_of


def sent_to(cluster: str, *known: str) -> Path:
    proxy = {
        "name": "envoy.filters.network.tcp_proxy",
        "typed_config": {"@type": f"{NETWORK}.tcp_proxy.v3.TcpProxy", "stat_prefix": "t", "cluster": cluster},
    }
    listener: dict[str, Any] = {
        "name": "tcp",
        "address": {"socket_address": {"address": "0.0.0.0", "port_value": 9000}},  # noqa: S104  # data
        "filter_chains": [{"filters": [proxy]}],
    }
    sections = (listeners(listener), clusters(*({"name": name, "type": "STATIC"} for name in known)))
    simulator = Simulator(mesh_of(dump(*sections)))
    (path,) = simulator.trace(Request(to="10.0.0.1:9000", protocol="tcp", listener="tcp")).paths
    return path


@pytest.mark.parametrize(("known", "disposition"), [((), "no_cluster"), (("shop",), "no_healthy_upstream")])
def test_the_hop_names_the_cluster_that_was_chosen_even_where_there_is_none(
    known: tuple[str, ...], disposition: str
) -> None:
    path = sent_to("shop", *known)
    assert (path.disposition, path.hops[0].cluster) == (disposition, "shop")


RBAC = {"name": "rbac", "typed_config": {"@type": f"{NETWORK}.rbac.v3.RBAC", "rules": {"action": "ALLOW"}}}
SECURED = {"name": "tls", "typed_config": {"@type": f"{TLS}DownstreamTlsContext"}}


def ways_to(
    *targets: tuple[str, int], secured: bool = False, tls: bool = False, mode: str = "IMMEDIATE"
) -> dict[str, tuple[str | None, float | None]]:
    """What becomes of plain text that RBAC denies: disposition -> cluster and probability. Only `shop` has an endpoint."""
    weights = {"clusters": [{"name": name, "weight": weight} for name, weight in targets]}
    proxy = {
        "name": "envoy.filters.network.tcp_proxy",
        "typed_config": {
            "@type": f"{NETWORK}.tcp_proxy.v3.TcpProxy",
            "stat_prefix": "t",
            "weighted_clusters": weights,
            "upstream_connect_mode": mode,
        },
    }
    chain = {"filters": [RBAC, proxy], **({"transport_socket": SECURED} if secured else {})}
    listener = {"name": "tcp", "address": {"socket_address": {"address": "10.0.0.1", "port_value": 9000}}}
    host = {"endpoint": {"address": {"socket_address": {"address": "10.0.0.9", "port_value": 1}}}}
    known = {"name": "shop", "type": "STATIC", "load_assignment": {"endpoints": [{"lb_endpoints": [host]}]}}
    simulator = Simulator(mesh_of(dump(listeners({**listener, "filter_chains": [chain]}), clusters(known))))
    asked = Request(to="10.0.0.1:9000", protocol="tcp", listener="tcp", tls=tls)
    return {path.disposition: (path.hops[0].cluster, path.probability) for path in simulator.trace(asked).paths}


@pytest.mark.parametrize(("secured", "otherwise"), [(False, "denied"), (True, "tls_mismatch")])
def test_a_tcp_proxy_fails_before_the_handshake_and_before_the_filters_in_front_of_it(
    secured: bool, otherwise: str
) -> None:
    assert ways_to(("missing", 1), ("shop", 3), secured=secured) == {
        "no_cluster": ("missing", 0.25),
        otherwise: ("shop", 0.75),
    }


@pytest.mark.parametrize(
    ("mode", "secured", "tls", "ends"),
    [
        ("IMMEDIATE", False, False, "no_cluster"),
        ("IMMEDIATE", True, False, "no_cluster"),
        ("IMMEDIATE", True, True, "no_cluster"),
        ("ON_DOWNSTREAM_TLS_HANDSHAKE", False, False, "no_cluster"),
        ("ON_DOWNSTREAM_TLS_HANDSHAKE", True, False, "tls_mismatch"),
        ("ON_DOWNSTREAM_TLS_HANDSHAKE", True, True, "no_cluster"),
        ("ON_DOWNSTREAM_DATA", False, False, "denied"),
        ("ON_DOWNSTREAM_DATA", True, False, "tls_mismatch"),
        ("ON_DOWNSTREAM_DATA", True, True, "denied"),
    ],
)
def test_when_a_tcp_proxy_connects_decides_what_fails_first(mode: str, secured: bool, tls: bool, ends: str) -> None:
    assert list(ways_to(("missing", 1), secured=secured, tls=tls, mode=mode)) == [ends]
