"""What a subset load balancer is asked for: by the route, over it by the connection, over both by the request; key by key.

https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/subsets
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from meshscope.simulation.cluster.compiled import CompiledCluster
from meshscope.simulation.cluster.subsets import Criteria
from meshscope.simulation.connection import Connection, HttpRequest
from meshscope.simulation.dynamic_metadata import LB


def criteria_of(configured: Criteria | None, connection: Connection, request: HttpRequest | None) -> Criteria | None:
    """`configured` is the `metadata_match` of a route, a TCP proxy or a weighted cluster; None: nothing is asked for."""
    own = msgspec.json.decode(connection.lb_metadata) if connection.lb_metadata else {}
    if own:
        configured = {**(configured or {}), **own}
    dynamic = request.metadata.get(LB) if request else None
    return {**(configured or {}), **dynamic} if isinstance(dynamic, Mapping) else configured


def assumed_of_connection(
    connection: Connection, request: HttpRequest | None, cluster: CompiledCluster
) -> tuple[str, ...]:
    """What a PROXY protocol header may ask of the cluster's subsets, and nobody said whether it does."""
    if not connection.lb_keys or connection.lb_metadata:
        return ()
    known = request.metadata.get(LB) if request else None
    asked = {key for one in (cluster, *cluster.members.values()) for key in _keys(one)}
    doubtful = [key for key in connection.lb_keys if key in asked and not (isinstance(known, Mapping) and key in known)]
    return tuple(f"no TLV of the PROXY protocol header sets {LB} {key}, which chooses the subset" for key in doubtful)


def _keys(cluster: CompiledCluster) -> Iterator[str]:
    config = cluster.cluster.lb_subset_config
    for selector in config.subset_selectors if config else ():
        yield from selector.keys
