"""Applied objects that would change nothing are told with the step that they lose at."""

from __future__ import annotations

import pytest

from meshscope.overlay.change import Reach
from meshscope.overlay.what_if import WhatIf

from .asking import mesh_of, written

SECOND = """apiVersion: networking.istio.io/v1
kind: %s
metadata: {name: %s, namespace: default}
spec: %s
"""
ROUTE = "{hosts: [%s], http: [{route: [{destination: {host: ratings}}]}]}"


@pytest.mark.parametrize(
    ("kind", "name", "spec", "because"),
    [
        ("VirtualService", "second", ROUTE % "reviews", "VirtualService default/reviews has the host"),
        ("DestinationRule", "second", "{host: reviews, subsets: [{name: v1}]}", "has a subset v1 before it"),
        (
            "ServiceEntry",
            "second",
            "{hosts: [reviews.default.svc.cluster.local], ports: [{number: 9080, name: http}]}",
            "",
        ),
        ("VirtualService", "first", ROUTE % "sleep", ""),  # it changes something
    ],
)
def test_why_nothing_would_be_different(kind: str, name: str, spec: str, because: str) -> None:
    what_if = WhatIf(mesh_of("bookinfo"), written(SECOND % (kind, name, spec)))
    assert all(one.decides is Reach.NOWHERE for one in what_if.idle)
    assert not (what_if.changes and what_if.idle)
    if because:
        assert what_if.changes == ()
        assert because in what_if.idle[0].because


def test_what_is_said_of_an_object_already_is_not_said_again() -> None:
    network = SECOND % ("WasmPlugin", "x", "{url: oci://x, type: NETWORK}")
    what_if = WhatIf(mesh_of("bookinfo"), written(network.replace("networking.istio", "extensions.istio")))
    assert what_if.not_rebuilt
    assert what_if.idle == ()
