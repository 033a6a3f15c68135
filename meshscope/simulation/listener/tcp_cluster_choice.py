"""The cluster that a TCP proxy sends a connection to.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/network/tcp_proxy/v3/tcp_proxy.proto
`weighted_clusters` come first, then the cluster that an earlier filter set (`envoy.tcp_proxy.cluster`), then `cluster`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from meshscope.simulation.dynamic_metadata import LB
from meshscope.simulation.outcome import Outcome
from meshscope.xds.metadata import Metadata
from meshscope.xds.tcp_proxy import TcpProxy


class ToCluster(Struct, frozen=True):
    """`criteria` select a subset: those of the weighted cluster override those of the filter. None: no criteria."""

    cluster: str
    criteria: Mapping[str, Any] | None = None
    because: str = ""


def tcp_clusters(proxy: TcpProxy, *, override: str = "", random: int | None = None) -> tuple[Outcome[ToCluster], ...]:
    """One outcome for each possible cluster. `override` is the cluster that an earlier filter set, "" for none."""
    common = _criteria(proxy.metadata_match)
    if proxy.weighted_clusters is None:
        if override:
            return (Outcome(ToCluster(override, common, "an earlier filter sets the cluster")),)
        return (Outcome(ToCluster(proxy.cluster, common)),)
    entries = proxy.weighted_clusters.clusters
    total = sum(entry.weight for entry in entries)
    at = None if random is None or total == 0 else random % total
    outcomes: list[Outcome[ToCluster]] = []
    for entry in entries:
        own = _criteria(entry.metadata_match)
        criteria = common if own is None else {**(common or {}), **own}
        because = f"weight {entry.weight} of {total}"
        target = ToCluster(entry.name, criteria, because)
        if at is None:
            if entry.weight:
                outcomes.append(Outcome(target, entry.weight / total, because if entry.weight < total else ""))
        elif at < entry.weight:
            return (Outcome(target),)
        else:
            at -= entry.weight
    return tuple(outcomes)


def _criteria(metadata: Metadata | None) -> Mapping[str, Any] | None:
    return metadata.filter_metadata.get(LB) if metadata else None
