"""What is not listed is only known to be missing where everything of its kind was captured."""

from __future__ import annotations

import json
from typing import Any

import pytest

from meshscope import Mesh, Request, trace
from meshscope.location import Document
from meshscope.simulation.trace import Path
from meshscope.snapshot.snapshot import Captured, ProxyId, Snapshot

TYPE = "type.googleapis.com/envoy."
ADMIN = TYPE + "admin.v3."
OWNER = ProxyId("", "default", "a-1")
NODE = {"id": "sidecar~10.0.0.1~a-1.default~default.svc.cluster.local"}
ANYWHERE = "0.0.0.0"  # noqa: S104  # what a configuration says
BOOTSTRAP = {"@type": ADMIN + "BootstrapConfigDump", "bootstrap": {"node": NODE}}


def listeners(**manager: Any) -> dict[str, Any]:
    config = {
        "@type": TYPE + "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "http_filters": [
            {"name": "router", "typed_config": {"@type": TYPE + "extensions.filters.http.router.v3.Router"}}
        ],
        **manager,
    }
    listener = {
        "name": "l",
        "address": {"socket_address": {"address": "10.0.0.9", "port_value": 80}},
        "filter_chains": [{"filters": [{"name": "h", "typed_config": config}]}],
    }
    return {"@type": ADMIN + "ListenersConfigDump", "static_listeners": [{"listener": listener}]}


def to(cluster: str) -> dict[str, Any]:
    route = {"match": {"prefix": "/"}, "route": {"cluster": cluster}}
    return {"route_config": {"name": "r", "virtual_hosts": [{"name": "v", "domains": ["*"], "routes": [route]}]}}


CLUSTERS: dict[str, Any] = {"@type": ADMIN + "ClustersConfigDump"}
ROUTES: dict[str, Any] = {"@type": ADMIN + "RoutesConfigDump"}
BY_RDS = {"rds": {"route_config_name": "r", "config_source": {"ads": {}}}}


def traced(*sections: dict[str, Any], lost: str = "", port: int = 80) -> Path:
    body = json.dumps({"configs": [BOOTSTRAP, *sections]}).encode()
    captured = [Captured(Document.of("dump", body), "config_dump", OWNER)] if sections else []
    if lost:
        captured.append(Captured(Document.lost("part", "answered 500"), lost, OWNER))
    others = Captured(
        Document.of("x.yaml", b"kind: Namespace\nmetadata: {name: default}\napiVersion: v1\n"), "manifests"
    )
    request = Request(source="" if sections else "a-1", dest="http://x/", to=f"10.0.0.9:{port}")
    return trace(Mesh(Snapshot((*captured, others))), request).paths[0]


@pytest.mark.parametrize(
    ("sections", "lost", "port", "disposition", "if_passed"),
    [
        ((listeners(**to("c")), CLUSTERS), "", 81, "no_listener", None),
        ((CLUSTERS,), "", 80, "unknown", "no_listener"),
        ((listeners(**to("c")), CLUSTERS), "config_dump", 81, "unknown", "no_listener"),
        ((listeners(**to("c")), CLUSTERS), "certs", 81, "no_listener", None),
        ((), "config_dump", 80, "unknown", "no_listener"),
        ((listeners(**to("c")), CLUSTERS), "", 80, "no_cluster", None),
        ((listeners(**to("c")),), "", 80, "unknown", "no_cluster"),
        ((listeners(**to("c")), CLUSTERS), "config_dump", 80, "unknown", "no_cluster"),
        ((listeners(**BY_RDS), CLUSTERS, ROUTES), "", 80, "no_virtual_host", None),
        ((listeners(**BY_RDS), CLUSTERS), "", 80, "unknown", "no_virtual_host"),
        ((listeners(**BY_RDS), CLUSTERS, ROUTES), "config_dump", 80, "unknown", "no_virtual_host"),
    ],
)
def test_absence_is_known_where_everything_was_captured(
    sections: tuple[dict[str, Any], ...], lost: str, port: int, disposition: str, if_passed: str | None
) -> None:
    path = traced(*sections, lost=lost, port=port)
    assert (path.disposition, path.if_passed) == (disposition, if_passed)
    assert bool(path.assuming) == (disposition == "unknown")
    assert all("captured" in line for line in path.assuming)


EDS = {"name": "c", "type": "EDS", "connect_timeout": "1s", "eds_cluster_config": {"eds_config": {"ads": {}}}}
AGGREGATE = {
    "name": "c", "connect_timeout": "1s", "lb_policy": "CLUSTER_PROVIDED",
    "cluster_type": {"name": "aggregate", "typed_config": {
        "@type": TYPE + "extensions.clusters.aggregate.v3.ClusterConfig", "clusters": ["gone"]}},
}  # fmt: skip
ENDPOINTS: dict[str, Any] = {"@type": ADMIN + "EndpointsConfigDump"}


@pytest.mark.parametrize("cluster", [EDS, AGGREGATE])
@pytest.mark.parametrize(
    ("lost", "disposition"), [("", "no_healthy_upstream"), ("certs", "no_healthy_upstream"), ("config_dump", "unknown")]
)
def test_a_cluster_has_no_endpoint_only_where_all_of_them_were_captured(
    cluster: dict[str, Any], lost: str, disposition: str
) -> None:
    held = {"@type": ADMIN + "ClustersConfigDump", "static_clusters": [{"cluster": cluster}]}
    path = traced(listeners(**to("c")), held, ENDPOINTS, lost=lost)
    assert path.disposition == disposition
    assert bool(path.assuming) == (disposition == "unknown")


@pytest.mark.parametrize(("lost", "disposition"), [("", "delivered"), ("config_dump", "unknown")])
def test_a_connection_stays_where_it_is_only_where_every_listener_was_captured(lost: str, disposition: str) -> None:
    host = {"endpoint": {"address": {"socket_address": {"address": "10.0.0.7", "port_value": 80}}}}
    static = {"name": "c", "type": "STATIC", "load_assignment": {"endpoints": [{"lb_endpoints": [host]}]}}
    held = {"@type": ADMIN + "ClustersConfigDump", "static_clusters": [{"cluster": static}]}
    capturing = listeners(**to("c"))
    capturing["static_listeners"][0]["listener"] |= {"name": "virtualOutbound", "use_original_dst": True}
    capturing["static_listeners"][0]["listener"]["address"]["socket_address"] = {
        "address": ANYWHERE,
        "port_value": 15001,
    }
    assert traced(capturing, held, lost=lost, port=80).disposition == disposition
