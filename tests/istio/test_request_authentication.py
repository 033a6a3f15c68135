"""Which RequestAuthentication speaks of an issuer at a workload."""

from __future__ import annotations

import json
from typing import Any

import pytest

from meshscope.istio.labels import Labels
from meshscope.istio.manifest import read_objects
from meshscope.istio.request_authentication import rule_of
from meshscope.location import Document
from meshscope.path import path_text

ROOT = "istio-system"
GATEWAY = "gateway.networking.k8s.io/gateway-name"


def policy(name: str, namespace: str, *issuers: str, created: str = "", **spec: Any) -> object:
    return {
        "apiVersion": "security.istio.io/v1",
        "kind": "RequestAuthentication",
        "metadata": {"name": name, "namespace": namespace, **({"creationTimestamp": created} if created else {})},
        "spec": {"jwtRules": [{"issuer": issuer} for issuer in issuers], **spec},
    }


def selector(**labels: str) -> dict[str, Any]:
    return {"matchLabels": labels}


@pytest.mark.parametrize(
    ("policies", "found"),
    [
        ((policy("own", "a", "x", "i", selector=selector(app="b")),), ("own", "spec.jwtRules[1]")),
        ((policy("own", "a", "i", selector=selector(app="c")),), None),
        ((policy("all", "a", "i"),), ("all", "spec.jwtRules[0]")),
        ((policy("all", "z", "i"),), None),
        ((policy("mesh", ROOT, "i"),), ("mesh", "spec.jwtRules[0]")),
        ((policy("mesh", ROOT, "i", selector=selector(app="b")),), ("mesh", "spec.jwtRules[0]")),
        ((policy("other", "a", "ii"),), None),
        (
            (
                policy("new", "a", "i", created="2026-02-01T00:00:00Z"),
                policy("old", "a", "i", created="2026-01-01T00:00:00Z"),
            ),
            ("old", "spec.jwtRules[0]"),
        ),
        (
            (policy("gateway", "a", "i", targetRefs=[{"kind": "Gateway", "name": "web"}]),),
            ("gateway", "spec.jwtRules[0]"),
        ),
        ((policy("gateway", "a", "i", targetRef={"kind": "Gateway", "name": "other"}),), None),
        ((policy("service", "a", "i", targetRefs=[{"kind": "Service", "name": "web"}]),), None),
    ],
)
def test_the_rule_is_that_of_a_policy_that_selects_the_workload(
    policies: tuple[object, ...], found: tuple[str, str] | None
) -> None:
    text = "\n".join(map(json.dumps, policies))
    objects, _ = read_objects(Document.of("a.json", text.encode()))
    labels = Labels.of({"app": "b", GATEWAY: "web"})
    rule = rule_of(objects, "a", labels, "i", root=ROOT)
    assert (rule and (rule.policy.name, path_text(rule.path))) == found
