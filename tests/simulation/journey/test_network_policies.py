from __future__ import annotations

from typing import Any

import pytest

from meshscope.simulation.disposition import Disposition
from meshscope.simulation.journey.simulator import trace
from meshscope.simulation.request import Request

from ...mesh.ambient_meshes import SERVER, SERVER_POD
from ...mesh.meshes import bootstrap, captured, clusters, dump, listeners, manifest, mesh_of, static, tcp_listener


def assumptions(*policies: dict[str, Any]) -> tuple[str, ...]:
    listener = {**tcp_listener("l", "c"), "address": {"socket_address": {"address": "10.0.0.1", "port_value": 80}}}
    proxy = dump(bootstrap(kind="router"), clusters(static("c", f"{SERVER}:8080")), listeners(listener))
    objects = (captured(f"{index}.json", one) for index, one in enumerate((SERVER_POD, *policies)))
    found = trace(mesh_of(proxy, *objects), Request(listener="l", to="10.0.0.1:80", protocol="tcp"))
    assert found.paths[0].disposition is Disposition.DELIVERED
    return tuple(one for one in found.assumptions if "judged" in one)


@pytest.mark.parametrize(("app", "expected"), [("store", 1), ("stove", 0)])
def test_a_policy_that_selects_an_endpoint_is_named_and_not_judged(app: str, expected: int) -> None:
    spec = {"podSelector": {"matchLabels": {"app": app}}}
    found = assumptions(manifest("NetworkPolicy", "closed", "networking.k8s.io", "back", spec=spec))
    assert found == ("NetworkPolicy back/closed selects store.back: it is not judged",) * expected


def test_of_many_policies_the_first_are_named() -> None:
    every = (
        manifest("NetworkPolicy", f"p{i}", "networking.k8s.io", "back", spec={"podSelector": {}}) for i in range(8)
    )
    found = assumptions(*every)
    assert len(found) == 6
    assert found[-1] == "3 more network policies are not judged"
