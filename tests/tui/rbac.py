"""A gateway that an AuthorizationPolicy of two rules denies everything but one path, and the policy's manifest."""

from __future__ import annotations

from typing import Any

from meshscope.mesh.mesh import Mesh

from ..mesh.meshes import (
    NETWORK,
    bootstrap,
    captured,
    clusters,
    dump,
    listener,
    listeners,
    manifest,
    mesh_of,
    static,
    table,
)

RBAC = "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC"
ROUTER = "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"
ANY = [{"any": True}]


def guarded(route_config: dict[str, Any] | None = None, *, with_manifest: bool = True) -> Mesh:
    policy = manifest("AuthorizationPolicy", "guard", "security.istio.io", spec={"action": "ALLOW", "rules": RULES})
    documents = (captured("policy.json", policy),) if with_manifest else ()
    gateway = bootstrap(kind="router", pod="gate.shop")
    return mesh_of(
        dump(gateway, clusters(static("shop", "10.77.0.9:80")), listeners(_listener(route_config))), *documents
    )


RULES: list[dict[str, Any]] = [
    {"to": [{"operation": {"paths": ["/a"], "methods": ["GET"]}}]},
    {"to": [{"operation": {"ports": ["9090"]}}]},
]


def _listener(route_config: dict[str, Any] | None) -> dict[str, Any]:
    path = {"url_path": {"path": {"exact": "/a"}}}
    method = {"header": {"name": ":method", "string_match": {"exact": "GET"}}}
    policies = {
        "ns[shop]-policy[guard]-rule[0]": {
            "permissions": [{"and_rules": {"rules": [path, method]}}],
            "principals": ANY,
        },
        "ns[shop]-policy[guard]-rule[1]": {"permissions": [{"destination_port": 9090}], "principals": ANY},
    }
    rbac = {"@type": RBAC, "rules": {"action": "ALLOW", "policies": policies}}
    return listener(
        "gate",
        {
            "@type": f"{NETWORK}.http_connection_manager.v3.HttpConnectionManager",
            "route_config": route_config or table("t", cluster="shop"),
            "http_filters": [
                {"name": "envoy.filters.http.rbac", "typed_config": rbac},
                {"name": "envoy.filters.http.router", "typed_config": {"@type": ROUTER}},
            ],
        },
    )
