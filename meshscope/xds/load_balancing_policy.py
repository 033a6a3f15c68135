"""Load balancing policies as extensions, and their older form `lb_policy` in the same words.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/cluster/v3/cluster.proto#config-cluster-v3-loadbalancingpolicy
"""

from __future__ import annotations

from msgspec import Raw

from meshscope.xds.cluster import Cluster, LbSubsetConfig
from meshscope.xds.extension import Extension, type_name, unpacked
from meshscope.xds.message import Message, Undecodable, decode, present

_TYPES = "envoy.extensions.load_balancing_policies."


class ZoneAwareLbConfig(Message, frozen=True):
    fail_traffic_on_panic: bool = False


class LocalityLbConfig(Message, frozen=True):
    zone_aware_lb_config: ZoneAwareLbConfig = ZoneAwareLbConfig()
    locality_weighted_lb_config: Raw = Raw()


class PolicyConfig(Message, frozen=True):
    """The fields that matter here of all policies together; each type holds some of them."""

    locality_lb_config: LocalityLbConfig = LocalityLbConfig()
    locality_weighted_lb_config: Raw = Raw()
    endpoint_picking_policy: LoadBalancingPolicy | None = None
    subset_lb_policy: LoadBalancingPolicy | None = None


class PolicyEntry(Message, frozen=True):
    typed_extension_config: Extension = Extension()


class LoadBalancingPolicy(Message, frozen=True):
    policies: tuple[PolicyEntry, ...] = ()


class Policy(Message, frozen=True):
    """How hosts are picked. `name`: `round_robin`, `least_request`, `random`, `ring_hash`, `maglev`, `cluster_provided`
    or the type's own name; `why` says what is not known of it, "" otherwise.
    """

    name: str = "round_robin"
    locality_weighted: bool = False
    fail_traffic_on_panic: bool = False
    subset: LbSubsetConfig | None = None
    why: str = ""

    @property
    def is_hash(self) -> bool:
        return self.name in ("ring_hash", "maglev")


def policy_of(cluster: Cluster) -> Policy:
    """The policy in effect: `load_balancing_policy` wins over `lb_policy`; of its entries the first known type counts."""
    if present(cluster.load_balancing_policy):
        policy = decode(cluster.load_balancing_policy, LoadBalancingPolicy)
        return Policy(name="", why=policy.why) if isinstance(policy, Undecodable) else _of_entries(policy, 0)
    zone_aware = cluster.common_lb_config.zone_aware_lb_config
    zones = decode(zone_aware, ZoneAwareLbConfig) if present(zone_aware) else ZoneAwareLbConfig()
    subset = cluster.lb_subset_config
    return Policy(
        name=cluster.lb_policy.lower(),
        locality_weighted=present(cluster.common_lb_config.locality_weighted_lb_config),
        fail_traffic_on_panic=isinstance(zones, ZoneAwareLbConfig) and zones.fail_traffic_on_panic,
        subset=subset if subset and subset.subset_selectors else None,
    )


_KNOWN = ("round_robin", "least_request", "random", "ring_hash", "maglev", "cluster_provided")
_MODELLED = (*_KNOWN, "wrr_locality", "subset", "client_side_weighted_round_robin")


def _of_entries(policy: LoadBalancingPolicy, depth: int) -> Policy:
    entries = [entry.typed_extension_config for entry in policy.policies]
    names = [extension.type_name.removeprefix(_TYPES).partition(".")[0] for extension in entries]
    found = next(((name, entry) for name, entry in zip(names, entries, strict=True) if name in _MODELLED), None)
    if found is None or depth > 8:
        return Policy(
            name="", why=f"unknown policy {entries[0].type_name or entries[0].name}" if entries else "no policy"
        )
    name, extension = found
    body = unpacked(extension.typed_config)[1]
    config = decode(body if present(body) else Raw(b"{}"), PolicyConfig)
    if isinstance(config, Undecodable):
        return Policy(name="", why=f"{type_name(extension.type_name)}: {config.why}")
    if name == "subset":
        subset = decode(body, LbSubsetConfig)
        inner = _of_entries(config.subset_lb_policy or LoadBalancingPolicy(), depth + 1)
        return _replaced(
            inner, subset=subset if isinstance(subset, LbSubsetConfig) and subset.subset_selectors else None
        )
    if name == "wrr_locality":
        inner = _of_entries(config.endpoint_picking_policy or LoadBalancingPolicy(), depth + 1)
        return _replaced(inner, locality_weighted=True)
    localities = config.locality_lb_config
    return Policy(
        name=name,
        locality_weighted=present(localities.locality_weighted_lb_config)
        or present(config.locality_weighted_lb_config),
        fail_traffic_on_panic=localities.zone_aware_lb_config.fail_traffic_on_panic,
        why="weights follow the load that hosts report" if name == "client_side_weighted_round_robin" else "",
    )


def _replaced(policy: Policy, *, locality_weighted: bool = False, subset: LbSubsetConfig | None = None) -> Policy:
    return Policy(
        name=policy.name,
        locality_weighted=policy.locality_weighted or locality_weighted,
        fail_traffic_on_panic=policy.fail_traffic_on_panic,
        subset=subset or policy.subset,
        why=policy.why,
    )
