"""Objects that touch the same chains give one mesh, in whichever order they are applied, and none when they are gone again."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest

from meshscope.envoy.resource import CLUSTER, ECDS, LISTENER
from meshscope.istio.manifest import Object
from meshscope.mesh.mesh import Mesh
from meshscope.overlay.what_if import WhatIf

from .asking import mesh_of, written

SOME = """apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: strict, namespace: default}
spec: {mtls: {mode: STRICT}}
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: own, namespace: default}
spec:
  workloadSelector: {labels: {app: details}}
  ingress:
  - {port: {number: 7000, protocol: HTTP, name: http}, defaultEndpoint: "127.0.0.1:7001"}
  - {port: {number: 7002, protocol: TCP, name: tcp}}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: near, namespace: default}
spec: {rules: [{from: [{source: {namespaces: [default]}}]}]}
---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: tokens, namespace: default}
spec: {jwtRules: [{issuer: me, jwks: '{"keys": []}'}]}
---
apiVersion: extensions.istio.io/v1alpha1
kind: WasmPlugin
metadata: {name: before, namespace: default}
spec: {url: "oci://reg.example/x:1", phase: AUTHN}
---
apiVersion: extensions.istio.io/v1alpha1
kind: WasmPlugin
metadata: {name: between, namespace: default}
spec: {url: "oci://reg.example/x:1", phase: AUTHZ}
"""


def bodies(mesh: Mesh) -> dict[tuple[str, str, str], Any]:
    return {
        (proxy.name, kind, one.name): msgspec.json.decode(one.canonical())
        for proxy in mesh.proxies
        for kind in (CLUSTER, ECDS, LISTENER)
        for one in proxy.resources(kind)
        if "outbound" not in one.name
    }


@pytest.mark.parametrize("seed", range(2))
def test_the_order_of_applying_does_not_matter(seed: int) -> None:
    mesh, items = mesh_of("bookinfo"), list(written(SOME))
    at_once = WhatIf(mesh, items)
    assert at_once.not_rebuilt == ()
    order: list[Object] = random.Random(seed).sample(items, len(items))  # noqa: S311  # an order
    one_by_one = mesh
    for item in order:
        one_by_one = WhatIf(one_by_one, [item]).mesh
    assert bodies(one_by_one) == bodies(at_once.mesh)
    for item in random.Random(-seed).sample(items, len(items)):  # noqa: S311  # another one
        one_by_one = WhatIf(one_by_one, [], without=[item.ref]).mesh
    assert bodies(one_by_one) == bodies(mesh)
