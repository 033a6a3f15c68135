"""The traffic policy of one cluster: of a port, and of a subset.

https://istio.io/latest/docs/reference/config/networking/destination-rule/#TrafficPolicy : settings of a port replace those of
the whole rule for it, also what they leave out; those of a subset replace single parts.
"""

from __future__ import annotations

from msgspec.structs import replace

from meshscope.istio.objects.traffic_policy import TrafficPolicy

PARTS = ("connection_pool", "load_balancer", "outlier_detection", "tls")
OF_SUBSETS = (*PARTS, "tunnel", "proxy_protocol", "retry_budget")


def for_port(policy: TrafficPolicy | None, port: int) -> TrafficPolicy | None:
    if policy is None:
        return None
    for one in policy.port_level_settings:
        if one.port and one.port.number == port:
            return TrafficPolicy(**{part: getattr(one, part) for part in PARTS})
    return policy


def for_subset(
    whole: TrafficPolicy | None, subset: TrafficPolicy | None, port: int, *, keeps_budget: bool = True
) -> TrafficPolicy | None:
    """The whole rule's policy with what the subset sets in its place. Some control planes lose the budget of retries where both
    have a policy: without `keeps_budget`.
    """
    base = for_port(whole, port)
    if subset is None or base is None:
        return base if subset is None else for_port(subset, port)
    if not keeps_budget:
        base, subset = replace(base, retry_budget=None), replace(subset, retry_budget=None)
    if any(one.port and one.port.number == port for one in subset.port_level_settings):
        own = for_port(subset, port)
        return replace(base, **{part: getattr(own, part) for part in PARTS})
    return replace(base, **{part: value for part in OF_SUBSETS if (value := getattr(subset, part)) is not None})
