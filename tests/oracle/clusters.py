"""Random clusters: priorities, health, weights, localities, subsets; and what a route asks of them."""

from __future__ import annotations

from hypothesis import strategies as st

from .messages import Json, Message, address, merged, some, true
from .real_envoy import RANDOM

HEALTH = ("HEALTHY", "HEALTHY", "HEALTHY", "UNKNOWN", "UNHEALTHY", "DEGRADED", "DRAINING", "TIMEOUT")
_labels = st.dictionaries(
    st.sampled_from(("version", "stage")), st.sampled_from(("v1", "v2", "prod", 2, True)), max_size=2
)


def of_subsets(labels: Json) -> Json:
    return {"filter_metadata": {"envoy.lb": labels}}


metadata_matches: Message = some(metadata_match=_labels.map(of_subsets))


@st.composite
def _hosts(draw: st.DrawFn, port: int, first: int) -> list[Json]:
    """`first`: the last number of the first host's address; each has its own."""
    each = some(
        health_status=st.sampled_from(HEALTH),
        load_balancing_weight=st.integers(1, 3),
        metadata=_labels.map(of_subsets),
    )
    wanted = draw(st.lists(each, max_size=3))
    return [
        {"endpoint": {"address": address(f"127.0.0.{first + index}", port)}, **host}
        for index, host in enumerate(wanted)
    ]


_fallbacks = st.sampled_from(("NO_FALLBACK", "ANY_ENDPOINT", "DEFAULT_SUBSET"))
_selectors = some({"keys": st.sampled_from((["version"], ["stage"], ["stage", "version"]))}, fallback_policy=_fallbacks)
_subsets = some(
    {"subset_selectors": st.lists(_selectors, min_size=1, max_size=2, unique_by=lambda one: str(one["keys"]))},
    fallback_policy=_fallbacks,
    default_subset=_labels,
    list_as_any=true,
    scale_locality_weight=true,
)
_common = some(healthy_panic_threshold=st.sampled_from(({}, {"value": 0}, {"value": 50}, {"value": 80})))
_localities: Message = st.sampled_from(
    ({}, {"locality_weighted_lb_config": {}}, {"zone_aware_lb_config": {"fail_traffic_on_panic": True}})
)


@st.composite
def clusters(draw: st.DrawFn, port: int) -> Json:
    priorities = sorted(draw(st.lists(st.sampled_from((0, 0, 1, 2)), min_size=1, max_size=3)))
    places = [
        {
            "priority": priority,
            "locality": {"zone": f"z{number}"},
            "lb_endpoints": draw(_hosts(port, 10 * number + 1)),
            **draw(some(load_balancing_weight=st.integers(1, 3))),
        }
        for number, priority in enumerate(priorities)
    ]
    more = draw(
        some(
            {"common_lb_config": merged(_common, _localities)},
            lb_policy=st.sampled_from(("ROUND_ROBIN", "LEAST_REQUEST", "RANDOM", "RING_HASH", "MAGLEV")),
            lb_subset_config=_subsets,
        )
    )
    policy = draw(some(policy=some(overprovisioning_factor=st.sampled_from((100, 140, 200)))))
    return {"name": RANDOM, "type": "STATIC", "connect_timeout": "1s", **more,
            "load_assignment": {"cluster_name": RANDOM, "endpoints": places, **policy}}  # fmt: skip
