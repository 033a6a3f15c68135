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


def for_subset(whole: TrafficPolicy | None, subset: TrafficPolicy | None, port: int) -> TrafficPolicy | None:
    """The whole rule's policy with what the subset sets in its place."""
    base = for_port(whole, port)
    if subset is None:
        return base
    if any(one.port and one.port.number == port for one in subset.port_level_settings):
        own = for_port(subset, port)
        return own if base is None or own is None else replace(base, **{part: getattr(own, part) for part in PARTS})
    if base is None:
        return subset
    return replace(base, **{part: value for part in OF_SUBSETS if (value := getattr(subset, part)) is not None})
