"""Two ServiceEntries with one host: istiod 1.14 makes the cluster of the first, and listeners of the addresses of both."""

from __future__ import annotations

from typing import Any

import pytest

from meshscope.effect.answer import State

from ..mesh.meshes import bootstrap, captured, clusters, dump, eds, listeners, manifest, mesh_of, tcp_listener
from . import recorded

CLUSTER = "outbound|82||a.example"


def entry(name: str, address: str, created: str) -> dict[str, Any]:
    ports = [{"number": 82, "name": "raw", "protocol": "TCP"}]
    spec = {"hosts": ["a.example"], "addresses": [address], "resolution": "NONE", "ports": ports}
    found = manifest("ServiceEntry", name, "networking.istio.io", spec=spec)
    found["metadata"]["creationTimestamp"] = created
    return found


def state_of(name: str, *ranges: tuple[str, int]) -> tuple[State, str]:
    prefixes = [{"address_prefix": one, "prefix_len": bits} for one, bits in ranges]
    made = listeners(tcp_listener("0.0.0.0_82", CLUSTER, filter_chain_match={"prefix_ranges": prefixes}))
    mesh = mesh_of(
        dump(bootstrap("pod-1.shop"), made, clusters({**eds(CLUSTER), "type": "ORIGINAL_DST"})),
        captured("first.json", entry("first", "10.1.0.0/16", "2020-01-01T00:00:00Z")),
        captured("second.json", entry("second", "10.2.5.0/16", "2021-01-01T00:00:00Z")),
    )
    (found,) = recorded.of(mesh, f"ServiceEntry shop/{name}")
    return found.state, found.because


@pytest.mark.parametrize(
    ("ranges", "state"),
    [((("10.1.0.0", 16), ("10.2.0.0", 16)), State.PARTLY), ((("10.1.0.0", 16),), State.NOT_IN_EFFECT)],
)
def test_the_second_of_one_host_has_its_addresses_or_nothing(ranges: Any, state: State) -> None:
    found, because = state_of("second", *ranges)
    assert (found, because.partition(";")[0]) == (state, "ServiceEntry shop/first has the host a.example")
    assert ("10.2.5.0/16 has a listener" in because) is (state is State.PARTLY)


@pytest.mark.parametrize(
    ("ranges", "state"), [((("10.1.2.0", 16),), State.IN_EFFECT), ((("10.3.0.0", 16),), State.PARTLY)]
)
def test_a_range_is_the_same_whatever_stands_behind_its_mask(ranges: Any, state: State) -> None:
    assert state_of("first", *ranges)[0] is state
