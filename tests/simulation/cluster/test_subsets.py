from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from meshscope.simulation.cluster.hosts import Host
from meshscope.simulation.cluster.subsets import has_all, same_value, subset_of
from meshscope.xds.cluster import LbSubsetConfig

from ..reading import read
from .balancing import hosts

ONE, TWO, BARE = (
    replace(host, lb=lb)
    for host, lb in zip(hosts("HEALTHY", "HEALTHY", "HEALTHY"), ({"v": "1"}, {"v": "2", "s": 2}, {}), strict=True)
)
ALL = (ONE, TWO, BARE)


def members(criteria: dict[str, Any] | None, selectors: list[object], **config: Any) -> tuple[Host, ...]:
    return subset_of(read(LbSubsetConfig, {"subset_selectors": selectors, **config}), ALL, criteria).hosts


V = {"keys": ["v"]}
ANY, DEFAULT = {"fallback_policy": "ANY_ENDPOINT"}, {"fallback_policy": "DEFAULT_SUBSET", "default_subset": {"v": "1"}}


@pytest.mark.parametrize(
    ("criteria", "selectors", "config", "those"),
    [
        ({"v": "1"}, [V], {}, (ONE,)),
        ({"v": "1"}, [{"keys": ["v", "s"]}], {}, ()),
        ({"v": "2", "s": 2}, [V, {"keys": ["s", "v"]}], {}, (TWO,)),
        ({"v": "2", "s": "2"}, [{"keys": ["s", "v"]}], {}, ()),
        ({"v": "3"}, [V], {}, ()),
        ({"v": "3"}, [V], ANY, ALL),
        ({"v": "3"}, [V], DEFAULT, (ONE,)),
        ({"z": "1"}, [V], ANY, ALL),
        (None, [V], {}, ()),
        (None, [V], ANY, ALL),
        (None, [V], DEFAULT, (ONE,)),
        ({}, [V], DEFAULT, (ONE,)),
        ({"v": "3"}, [{**V, "fallback_policy": "NO_FALLBACK"}], ANY, ()),
        ({"v": "3"}, [{**V, "fallback_policy": "ANY_ENDPOINT"}], {}, ALL),
        ({"v": "3"}, [{**V, "fallback_policy": "DEFAULT_SUBSET"}], {"default_subset": {"v": "2"}}, (TWO,)),
        (
            {"v": "2", "s": 9},
            [V, {"keys": ["v", "s"], "fallback_policy": "KEYS_SUBSET", "fallback_keys_subset": ["v"]}],
            {},
            (TWO,),
        ),
        ({"v": "1", "more": 1}, [V], {}, ()),
        ({"v": "1", "more": 1}, [V], {"allow_redundant_keys": True}, (ONE,)),
    ],
)
def test_a_subset_has_hosts_or_falls_back(
    criteria: dict[str, Any] | None, selectors: list[object], config: dict[str, Any], those: tuple[Host, ...]
) -> None:
    assert members(criteria, selectors, **config) == those


def test_a_fallback_list_is_tried_in_order() -> None:
    criteria = {"fallback_list": [{"v": "9"}, {"v": "2"}]}
    assert members(criteria, [V], metadata_fallback_policy="FALLBACK_LIST") == (TWO,)
    assert members({"fallback_list": [{"v": "9"}]}, [V], metadata_fallback_policy="FALLBACK_LIST") == ()


@pytest.mark.parametrize(("policy", "panic_hosts"), [("ANY_ENDPOINT", ALL), ("NO_FALLBACK", ())])
def test_panic_mode_any_needs_a_fallback_policy(policy: str, panic_hosts: tuple[Host, ...]) -> None:
    config = read(LbSubsetConfig, {"subset_selectors": [V], "fallback_policy": policy, "panic_mode_any": True})
    assert subset_of(config, ALL, {"v": "3"}).panic_hosts == panic_hosts


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (1, 1.0, True),
        (1, True, False),
        (True, True, True),
        (2, "2", False),
        ([1], [1], True),
        ([1], [True], False),
        ({"a": 1}, {"a": 1}, True),
        ({"a": 1}, {"a": True}, False),
        (None, None, True),
    ],
)
def test_values_are_equal_as_in_protobuf(one: object, other: object, equal: bool) -> None:
    assert same_value(one, other) == equal


def test_one_item_of_a_list_is_enough_only_with_list_as_any() -> None:
    assert has_all({"v": ["1", "2"]}, {"v": "2"}, list_as_any=True)
    assert not has_all({"v": ["1", "2"]}, {"v": "2"})
    assert has_all({"v": ["1", "2"]}, {"v": ["1", "2"]})
    assert not has_all({}, {"v": None})
