"""What an EnvoyFilter of the mesh patches of what a what-if makes anew is told, and decides."""

from __future__ import annotations

import pytest

from meshscope.mesh.mesh import Mesh
from meshscope.overlay.what_if import WhatIf
from meshscope.simulation.journey.simulator import trace
from meshscope.simulation.request import Request

from ..asking import mesh_of, written

FILTER = """apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: standing, namespace: default}
spec:
  workloadSelector: {labels: {app: productpage}}
  configPatches: [{applyTo: %s, match: %s, patch: {operation: %s, value: %s}}]
"""
SLEEP = """apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: sleep, namespace: default}
spec: {hosts: [sleep], http: [{route: [{destination: {host: ratings, port: {number: 9080}}}]}]}
"""
RULE = """apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: ratings, namespace: default}
spec:
  host: ratings.default.svc.cluster.local
  trafficPolicy: {connectionPool: {tcp: {connectTimeout: 3s}}}
  subsets: [{name: v1, labels: {version: v1}}]
"""
HOST = '{routeConfiguration: {vhost: {name: "sleep.default.svc.cluster.local:80"}}}'
OTHER = '{routeConfiguration: {vhost: {name: "other:80"}}}'
RATINGS = "{cluster: {service: ratings.default.svc.cluster.local}}"
TEA = "{name: tea, match: {prefix: /tea}, direct_response: {status: 418}}"


def patched(*words: str) -> Mesh:
    """A mesh whose proxies have the patch."""
    return WhatIf(mesh_of("bookinfo"), written(FILTER % words)).mesh


@pytest.mark.parametrize(
    ("words", "text", "is_told"),
    [
        (("HTTP_ROUTE", HOST, "MERGE", "{response_headers_to_remove: [x]}"), SLEEP, True),
        (("HTTP_ROUTE", OTHER, "MERGE", "{response_headers_to_remove: [x]}"), SLEEP, False),
        (("VIRTUAL_HOST", HOST, "MERGE", "{require_tls: ALL}"), SLEEP, False),  # which stays
        (("CLUSTER", RATINGS, "MERGE", "{connect_timeout: 9s}"), RULE, True),
        (("CLUSTER", RATINGS, "MERGE", "{alt_stat_name: x}"), RULE, False),  # which stays
    ],
)
def test_a_part_that_a_filter_of_the_mesh_patches_is_not_foretold(
    words: tuple[str, ...], text: str, *, is_told: bool
) -> None:
    what_if = WhatIf(patched(*words), written(text))
    told = [one for one in what_if.not_rebuilt if one.object == "EnvoyFilter default/standing"]
    assert bool(told) is is_told
    assert {one.proxy.partition("-")[0] for one in told if one.proxy} <= {"productpage"}


def test_it_makes_the_requests_unknown_that_meet_it_and_no_others() -> None:
    what_if = WhatIf(patched("HTTP_ROUTE", HOST, "INSERT_FIRST", TEA), written(SLEEP))
    asked = [
        Request(source="productpage", dest="http://sleep/"),
        Request(source="productpage", dest="http://details:9080/"),
    ]
    met, other = (what_if.doubted(trace(what_if.mesh, each)) for each in asked)
    assert {path.disposition for path in met.paths} == {"unknown"}
    assert {path.disposition for path in other.paths} == {"delivered"}
