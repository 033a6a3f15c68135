from __future__ import annotations

from typing import Any

import pytest

from meshscope.overlay.what_if import WhatIf

from ..mesh.meshes import bootstrap, captured, clusters, dump, manifest, mesh_of, static

SECURITY, NETWORKING = "security.istio.io", "networking.istio.io"
DENY = manifest(
    "AuthorizationPolicy", "deny", SECURITY, spec={"selector": {"matchLabels": {"app": "a"}}, "rules": [{}]}
)
BOUND = manifest("VirtualService", "vs", NETWORKING, spec={"hosts": ["a.example"], "gateways": ["gw"], "http": []})


@pytest.mark.parametrize(
    ("kind", "item", "metadata", "is_told"),
    [
        ("sidecar", DENY, {}, True),
        ("sidecar", DENY, {"LABELS": {"app": "b"}}, False),
        ("sidecar", BOUND, {}, False),
        ("router", BOUND, {}, True),
    ],
)
def test_what_selects_by_labels_is_unknown_for_a_proxy_without_them(
    kind: str, item: dict[str, Any], metadata: dict[str, Any], is_told: bool
) -> None:
    own = bootstrap("pod-1.shop", kind=kind)
    own["bootstrap"]["node"]["metadata"] = metadata
    mesh = mesh_of(dump(own, clusters(static("BlackHoleCluster"))))
    (applied,) = mesh_of(captured("new.json", item)).objects
    told = [
        one for one in WhatIf(mesh, [applied]).not_rebuilt if "labels of the proxy were not captured" in one.because
    ]
    assert [one.proxy for one in told] == (["pod-1.shop"] if is_told else [])
