"""Subset load balancing: the hosts that a route's metadata selects.

https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/subsets
Health and panic are measured inside the subset; only a subset without any host falls back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from meshscope.simulation.cluster.hosts import Host
from meshscope.xds.cluster import LbSubsetConfig, LbSubsetSelector

Criteria = Mapping[str, Any]
FALLBACK_LIST = "fallback_list"


class Subset(Struct, frozen=True):
    """The hosts to balance over (possibly none) and the reason. `panic_hosts` are used if none of them is selectable
    (`panic_mode_any`).
    """

    hosts: tuple[Host, ...]
    because: str = ""
    panic_hosts: tuple[Host, ...] = ()


def subset_of(config: LbSubsetConfig, hosts: tuple[Host, ...], criteria: Criteria | None) -> Subset:
    """The subset for the criteria; with `FALLBACK_LIST`, the first one of the list that has a host."""
    common = dict(criteria or {})
    overrides = common.get(FALLBACK_LIST) if config.metadata_fallback_policy == "FALLBACK_LIST" else None
    if not isinstance(overrides, list) or not overrides:
        return _subset_of(config, hosts, criteria)
    del common[FALLBACK_LIST]
    for override in overrides:
        subset = _subset_of(config, hosts, {**common, **override} if isinstance(override, dict) else common)
        if subset.hosts:
            return subset
    return Subset((), f"no entry of {FALLBACK_LIST} has a host")


def _subset_of(config: LbSubsetConfig, hosts: tuple[Host, ...], criteria: Criteria | None) -> Subset:
    if criteria is not None:
        selector = _selector(config, criteria)
        if selector is not None:
            subset_criteria = {key: criteria[key] for key in selector.keys}
            members = _members(config, hosts, subset_criteria)
            if members:
                return Subset(members, f"subset {_text(subset_criteria)}")
            if selector.fallback_policy != "NOT_DEFINED":
                return _selector_fallback(config, selector, hosts, criteria)
    no_subset = f"no subset {_text(criteria)}, " if criteria is not None else ""
    panic_hosts = hosts if config.panic_mode_any and config.fallback_policy != "NO_FALLBACK" else ()
    return Subset(*_fallback(config.fallback_policy, config, hosts, no_subset), panic_hosts)


def _selector(config: LbSubsetConfig, criteria: Criteria) -> LbSubsetSelector | None:
    """The selector with exactly the criteria's keys; with `allow_redundant_keys`, the first whose keys they include."""
    if config.allow_redundant_keys:
        return next((s for s in config.subset_selectors if set(s.keys) <= set(criteria)), None)
    return next((s for s in config.subset_selectors if set(s.keys) == set(criteria)), None)


def _selector_fallback(
    config: LbSubsetConfig, selector: LbSubsetSelector, hosts: tuple[Host, ...], criteria: Criteria
) -> Subset:
    no_subset = f"no subset {_text(criteria)}, "
    if selector.fallback_policy == "KEYS_SUBSET":
        fewer = {key: value for key, value in criteria.items() if key in selector.fallback_keys_subset}
        if len(fewer) < len(criteria):
            subset = _subset_of(config, hosts, fewer)
            return Subset(subset.hosts, f"{no_subset}KEYS_SUBSET: {subset.because}", subset.panic_hosts)
    return Subset(*_fallback(selector.fallback_policy, config, hosts, no_subset))


def _fallback(
    policy: str, config: LbSubsetConfig, hosts: tuple[Host, ...], no_subset: str
) -> tuple[tuple[Host, ...], str]:
    if policy == "ANY_ENDPOINT":
        return hosts, f"{no_subset}fallback_policy ANY_ENDPOINT"
    if policy == "DEFAULT_SUBSET":
        members = _members(config, hosts, config.default_subset)
        return members, f"{no_subset}fallback_policy DEFAULT_SUBSET {_text(config.default_subset)}"
    return (), f"{no_subset}fallback_policy NO_FALLBACK"


def _members(config: LbSubsetConfig, hosts: tuple[Host, ...], criteria: Criteria) -> tuple[Host, ...]:
    return tuple(host for host in hosts if has_all(host.lb, criteria, list_as_any=config.list_as_any))


def has_all(metadata: Mapping[str, Any], criteria: Criteria, *, list_as_any: bool = False) -> bool:
    """Whether the metadata has every key with an equal value. With `list_as_any`, one item of a list is enough."""
    for key, value in criteria.items():
        candidate = metadata.get(key, _ABSENT)
        if list_as_any and isinstance(candidate, list):
            if not any(same_value(item, value) for item in candidate):
                return False
        elif not same_value(candidate, value):
            return False
    return True


_ABSENT = object()


def same_value(one: Any, other: Any) -> bool:
    """Equality of protobuf values: numbers by value; a boolean or a text never equals a number."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same_value(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same_value, one, other))
    return bool(one == other)


def _text(criteria: Criteria) -> str:
    return "{" + ", ".join(f"{key}: {value}" for key, value in criteria.items()) + "}"
