"""Subset load balancing: which hosts a route's metadata leaves.

https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/subsets
Health and panic are judged inside the subset; only a subset without any host falls back.
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
    """The hosts to balance over (none: the request finds none), and what brought them about. `in_panic` are those to
    turn to where none of them is selectable (`panic_mode_any`).
    """

    hosts: tuple[Host, ...]
    because: str = ""
    in_panic: tuple[Host, ...] = ()


def subset_of(config: LbSubsetConfig, hosts: tuple[Host, ...], criteria: Criteria | None) -> Subset:
    wanted = dict(criteria or {})
    overrides = wanted.get(FALLBACK_LIST) if config.metadata_fallback_policy == "FALLBACK_LIST" else None
    if not isinstance(overrides, list) or not overrides:
        return _once(config, hosts, criteria)
    del wanted[FALLBACK_LIST]
    for override in overrides:
        found = _once(config, hosts, {**wanted, **override} if isinstance(override, dict) else wanted)
        if found.hosts:
            return found
    return Subset((), f"no entry of {FALLBACK_LIST} has a host")


def _once(config: LbSubsetConfig, hosts: tuple[Host, ...], criteria: Criteria | None) -> Subset:
    if criteria is not None:
        selector = _selector(config, criteria)
        if selector is not None:
            asked = {key: criteria[key] for key in selector.keys}
            found = _with(config, hosts, asked)
            if found:
                return Subset(found, f"subset {_written(asked)}")
            if selector.fallback_policy != "NOT_DEFINED":
                return _selector_fallback(config, selector, hosts, criteria)
    missed = f"no subset {_written(criteria)}, " if criteria is not None else ""
    spare = hosts if config.panic_mode_any and config.fallback_policy != "NO_FALLBACK" else ()
    return Subset(*_fallback(config.fallback_policy, config, hosts, missed), spare)


def _selector(config: LbSubsetConfig, criteria: Criteria) -> LbSubsetSelector | None:
    """The selector whose keys are exactly those asked for; with `allow_redundant_keys` the first that is among them."""
    if config.allow_redundant_keys:
        return next((s for s in config.subset_selectors if set(s.keys) <= set(criteria)), None)
    return next((s for s in config.subset_selectors if set(s.keys) == set(criteria)), None)


def _selector_fallback(
    config: LbSubsetConfig, selector: LbSubsetSelector, hosts: tuple[Host, ...], criteria: Criteria
) -> Subset:
    missed = f"no subset {_written(criteria)}, "
    if selector.fallback_policy == "KEYS_SUBSET":
        kept = {key: value for key, value in criteria.items() if key in selector.fallback_keys_subset}
        if len(kept) < len(criteria):
            found = _once(config, hosts, kept)
            return Subset(found.hosts, f"{missed}KEYS_SUBSET: {found.because}", found.in_panic)
    return Subset(*_fallback(selector.fallback_policy, config, hosts, missed))


def _fallback(
    policy: str, config: LbSubsetConfig, hosts: tuple[Host, ...], missed: str
) -> tuple[tuple[Host, ...], str]:
    if policy == "ANY_ENDPOINT":
        return hosts, f"{missed}fallback_policy ANY_ENDPOINT"
    if policy == "DEFAULT_SUBSET":
        found = _with(config, hosts, config.default_subset)
        return found, f"{missed}fallback_policy DEFAULT_SUBSET {_written(config.default_subset)}"
    return (), f"{missed}fallback_policy NO_FALLBACK"


def _with(config: LbSubsetConfig, hosts: tuple[Host, ...], wanted: Criteria) -> tuple[Host, ...]:
    return tuple(host for host in hosts if has_all(host.lb, wanted, list_as_any=config.list_as_any))


def has_all(metadata: Mapping[str, Any], wanted: Criteria, *, list_as_any: bool = False) -> bool:
    """Every key is there with an equal value of the same kind; with `list_as_any` one of a list will do."""
    for key, value in wanted.items():
        there = metadata.get(key, _ABSENT)
        if list_as_any and isinstance(there, list):
            if not any(same(item, value) for item in there):
                return False
        elif not same(there, value):
            return False
    return True


_ABSENT = object()


def same(one: Any, other: Any) -> bool:
    """Equal as protobuf values: numbers by value, `true` is no 1, text is no number."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def _written(criteria: Criteria) -> str:
    return "{" + ", ".join(f"{key}: {value}" for key, value in criteria.items()) + "}"
