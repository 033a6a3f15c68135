from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from meshscope.simulation.listener.tcp_cluster_choice import ToCluster, tcp_clusters
from meshscope.simulation.outcome import Outcome
from meshscope.xds.tcp_proxy import TcpProxy

from ..reading import read


def proxy(*weights: int, **fields: Any) -> TcpProxy:
    entries = [{"name": str(i), "weight": weight} for i, weight in enumerate(weights)]
    return read(TcpProxy, {**fields, **({"weighted_clusters": {"clusters": entries}} if entries else {})})


def target(outcome: Outcome[ToCluster]) -> ToCluster:
    assert isinstance(outcome.value, ToCluster)
    return outcome.value


def test_weights_are_branches_that_add_up() -> None:
    outcomes = tcp_clusters(proxy(1, 3))
    assert [(target(each).cluster, each.probability, each.condition) for each in outcomes] == [
        ("0", 0.25, "weight 1 of 4"),
        ("1", 0.75, "weight 3 of 4"),
    ]


@given(st.lists(st.integers(1, 9), min_size=1, max_size=5), st.integers(0, 2**64 - 1))
def test_a_random_value_decides_among_the_branches(weights: list[int], random: int) -> None:
    (chosen,) = tcp_clusters(proxy(*weights), random=random)
    at, index = random % sum(weights), int(target(chosen).cluster)
    assert sum(weights[:index]) <= at < sum(weights[: index + 1])
    assert chosen.probability == 1.0


def test_an_earlier_filter_may_set_the_cluster_but_not_against_weights() -> None:
    (overridden,) = tcp_clusters(proxy(cluster="own"), override="other")
    (weighted,) = tcp_clusters(proxy(1), override="other")
    (own,) = tcp_clusters(proxy(cluster="own"))
    assert [target(each).cluster for each in (overridden, weighted, own)] == ["other", "0", "own"]


def test_metadata_of_a_weighted_cluster_overrides_the_filters() -> None:
    def match(**keys: str) -> dict[str, Any]:
        return {"filter_metadata": {"envoy.lb": keys}}

    entries = {"clusters": [{"name": "a", "weight": 1, "metadata_match": match(v="2")}, {"name": "b", "weight": 1}]}
    outcomes = tcp_clusters(read(TcpProxy, {"weighted_clusters": entries, "metadata_match": match(v="1", x="1")}))
    assert [target(each).criteria for each in outcomes] == [{"v": "2", "x": "1"}, {"v": "1", "x": "1"}]
    assert target(tcp_clusters(proxy(cluster="own"))[0]).criteria is None
