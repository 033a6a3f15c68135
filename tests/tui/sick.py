"""A small mesh with a refused listener, its Gateway's manifest and a control plane; and names that a terminal could obey."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from meshscope.mesh.mesh import Mesh
from meshscope.snapshot.snapshot import Captured

from ..mesh.meshes import (
    ADMIN,
    bootstrap,
    captured,
    clusters,
    dump,
    eds,
    http_listener,
    listeners,
    mesh_of,
    routes,
    static,
    table,
    tcp_listener,
)

OWNER = {"filter_metadata": {"istio": {"config": "/apis/networking.istio.io/v1/namespaces/shop/gateway/front"}}}
SICK, WELL = "edge-1.shop", "web-1.shop"
GATEWAY = "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata:\n  name: front\n  namespace: shop\nspec: {}\n"
WHY = "duplicate filter chain match"
HOSTILE = (
    "[red]red[/red] [@click=app.quit]x[/]",
    "\x1b[2J\x1b]0;title\x07bell",
    "a\u202egnp.exe\u2066",
    "日本語の名前と絵文字🙂👩‍👩‍👧",
    "e\u0301\u0301\u0301 combining",
    "new\nline\ttab\rreturn",
    "x" * 10_000,
    "",
    " ",
    "$(reboot) `reboot` 'quoted' \"too\"",
)


@cache
def sick() -> Mesh:
    """Two proxies: one whose listener was refused, with a warming cluster, and a healthy one that has not acknowledged RDS."""
    refused = {"name": "web", "active_state": {"listener": http_listener("web", "80")}, "error_state": {
        "failed_configuration": tcp_listener("web", "c", metadata=OWNER), "details": WHY}}  # fmt: skip
    ill = dump(
        bootstrap(SICK, "10.0.0.1", "router"),
        {"@type": ADMIN + "ListenersConfigDump", "dynamic_listeners": [refused]},
        {"@type": ADMIN + "ClustersConfigDump", "dynamic_active_clusters": [{"cluster": static("c", "10.0.0.9:80")}],
         "dynamic_warming_clusters": [{"cluster": eds("cold")}]},
        routes(table("80", cluster="c")),
        name="edge.json",
    )  # fmt: skip
    well = dump(bootstrap(WELL, "10.0.0.2"), clusters(static("c", "10.0.0.9:80")), listeners(http_listener("l", "80")),
                routes(table("80", cluster="c")), name="web.json")  # fmt: skip
    return mesh_of(ill, well, _syncz(), captured("manifests/front.yaml", GATEWAY))


def _syncz() -> Captured:
    kinds = ("cluster", "listener", "route", "endpoint")
    acknowledged = {f"{kind}_{when}": "1" for kind in kinds for when in ("sent", "acked")}
    rows: list[dict[str, Any]] = [
        {"proxy": SICK, "istio_version": "1.32.0", **acknowledged},
        {"proxy": WELL, "istio_version": "1.32.0", **acknowledged, "route_acked": "0"},
    ]
    return captured("syncz.json", rows, istiod="istiod-1", kind="debug/syncz")


@cache
def hostile() -> Mesh:
    """Every name is one of `HOSTILE`."""
    documents = []
    for number, name in enumerate(HOSTILE):
        tables = [{**table(each, cluster=each), "virtual_hosts": [
            {"name": each, "domains": [each], "routes": [{"name": each, "match": {"prefix": each}, "route": {"cluster": each}}]}
        ]} for each in HOSTILE]  # fmt: skip
        sections = (
            bootstrap(f"{name or 'p'}.{name or 'n'}"[:12_000], f"10.0.0.{number}"),
            clusters(*(static(each, "10.0.0.9:80") for each in HOSTILE)),
            {"@type": ADMIN + "ListenersConfigDump", "dynamic_listeners": [
                {"name": each, "error_state": {"failed_configuration": http_listener(each, each), "details": each}}
                for each in HOSTILE]},
            listeners(*(http_listener(f"{each}.", each) for each in HOSTILE)),
            routes(*tables),
        )  # fmt: skip
        documents.append(captured(f"dump-{number}.json", json.dumps({"configs": list(sections)})))
    return mesh_of(*documents)


@cache
def many(rows: int) -> Mesh:
    """A proxy with so many clusters."""
    return mesh_of(dump(bootstrap(), clusters(*(eds(f"cluster-{number}") for number in range(rows)))))
