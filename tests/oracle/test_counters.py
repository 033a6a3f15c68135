"""What a real Envoy counted is what the rows of its clusters and listeners say."""

from __future__ import annotations

import http.client
from collections.abc import Iterable
from typing import Any

import pytest

from meshscope.listing.registry import kind_of_name
from meshscope.listing.selection import Selection
from meshscope.location import Document
from meshscope.mesh.mesh import Mesh
from meshscope.snapshot.snapshot import Captured, Snapshot

from .messages import Json, manager
from .real_envoy import RealEnvoy, loopback

pytestmark = pytest.mark.oracle


def test_counters(envoy: RealEnvoy) -> None:
    odd, shut = "outbound|80||odd:name", "shut"
    breakers = {"thresholds": [{"max_requests": 0, "max_pending_requests": 0}]}
    clusters = [
        {**to(odd, envoy.upstream_port), "alt_stat_name": f"{odd};"},
        {**to(shut, envoy.upstream_port), "circuit_breakers": breakers},
    ]
    routes = [{"match": {"prefix": f"/{index}"}, "route": {"cluster": name}} for index, name in enumerate((odd, shut))]
    table = {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": routes}]}
    chain = {"filter_chain_match": {"source_prefix_ranges": [{"address_prefix": "127.0.0.1", "prefix_len": 32}]},
             "filters": [manager(table)]}  # fmt: skip
    dump = envoy.serve([{"name": "entry", "address": loopback(envoy.port), "filter_chains": [chain]}], clusters)
    before = rows(envoy, dump, "listeners")["entry"]
    assert [ask(envoy, path) for path in ("/0", "/0", "/1", "/none")] == [200, 200, 503, 404]
    assert ask(envoy, "/0", "127.0.0.2") == 0

    def counted() -> bool:
        now = rows(envoy, dump, "listeners")["entry"]
        figures = zip(of_listener(now), of_listener(before), strict=True)
        return [after - (first or 0) for after, first in figures] == [4, 1, 1]

    envoy._until("the listener's counters", counted)
    found = rows(envoy, dump, "clusters")
    assert (found[odd].requests, found[odd].errors_5xx, found[odd].connect_failures) == (2, 0, 0)
    assert (found[shut].requests, found[shut].errors_5xx, found[shut].overflows) == (0, 1, 1)


def of_listener(row: Any) -> tuple[Any, ...]:
    """Others of this module listened at the same address before."""
    return (row.requests, row.errors_5xx, row.no_filter_chain_match)


def to(name: str, port: int) -> Json:
    hosts = [{"endpoint": {"address": loopback(port)}}]
    assignment = {"cluster_name": name, "endpoints": [{"lb_endpoints": hosts}]}
    return {"name": name, "type": "STATIC", "connect_timeout": "1s", "load_assignment": assignment}


def ask(envoy: RealEnvoy, path: str, source: str = "127.0.0.1") -> int:
    """The status; 0 where the connection was closed."""
    connection = http.client.HTTPConnection("127.0.0.1", envoy.port, timeout=10, source_address=(source, 0))
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (http.client.HTTPException, OSError):
        return 0
    finally:
        connection.close()


def rows(envoy: RealEnvoy, dump: bytes, kind: str) -> dict[str, Any]:
    texts = {"config_dump": dump, "stats": envoy._get("/stats?format=json&usedonly"),
             "clusters": envoy._get("/clusters?format=json")}  # fmt: skip
    mesh = Mesh(Snapshot(tuple(Captured(Document.of(name, body)) for name, body in texts.items())))
    found: Iterable[Any] = kind_of_name(kind).rows(mesh, Selection())
    return {row.name: row for row in found}
