"""Envoy's counters of a cluster or a listener, by the names of its statistics.

None is unknown: `/stats?usedonly` leaves out counters that never moved, and Istio's inclusion list most of the others.
https://www.envoyproxy.io/docs/envoy/latest/configuration/upstream/cluster_manager/cluster_stats
https://www.envoyproxy.io/docs/envoy/latest/configuration/listeners/stats
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping

from msgspec import Struct

from meshscope.envoy.cluster_status import HostStatus
from meshscope.once import once
from meshscope.xds.cluster import Cluster
from meshscope.xds.listener import Listener

CLASSES = ("1xx", "2xx", "3xx", "4xx")
"""Answers other than server errors; with those they make up the completed ones."""


class ClusterCounters(Struct, frozen=True):
    """`connections` are the active ones, all else are totals. `overflows` are requests that a circuit breaker refused."""

    connections: int | None = None
    requests: int | None = None
    errors_5xx: int | None = None
    overflows: int | None = None
    connect_failures: int | None = None


class ListenerCounters(Struct, frozen=True):
    """`requests` and `errors_5xx` are those of its HTTP connection managers together."""

    connections: int | None = None
    requests: int | None = None
    errors_5xx: int | None = None
    no_filter_chain_match: int | None = None


class Statistics:
    """`/stats` of one proxy, asked by cluster and listener. `values` by Envoy's names."""

    def __init__(self, values: Mapping[str, int | str]) -> None:
        self._values = values

    def cluster(self, cluster: Cluster, name: str) -> ClusterCounters:
        start = f"cluster.{_escaped(cluster.alt_stat_name or name)}."
        return ClusterCounters(
            connections=self._count(f"{start}upstream_cx_active"),
            requests=self._count(f"{start}upstream_rq_total"),
            errors_5xx=_errors(lambda word: self._count(f"{start}upstream_rq_{word}")),
            overflows=self._count(f"{start}upstream_rq_pending_overflow"),
            connect_failures=self._count(f"{start}upstream_cx_connect_fail"),
        )

    def listener(self, listener: Listener) -> ListenerCounters:
        name = _listener_name(listener)
        http = self._http.get(name, {})
        return ListenerCounters(
            connections=self._count(f"listener.{name}.downstream_cx_active"),
            requests=http.get("downstream_rq_completed"),
            errors_5xx=_errors(lambda word: http.get(f"downstream_rq_{word}")),
            no_filter_chain_match=self._count(f"listener.{name}.no_filter_chain_match"),
        )

    def _count(self, name: str) -> int | None:
        value = self._values.get(name)
        return value if isinstance(value, int) else None

    @once
    def _http(self) -> dict[str, dict[str, int]]:
        """The counters of all connection managers of a listener, which stand below their own prefixes, added up."""
        found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for name, value in self._values.items():
            if name.startswith("listener.") and isinstance(value, int):
                address, http, rest = name.removeprefix("listener.").partition(".http.")
                if http:
                    found[address][rest.rpartition(".")[2]] += value
        return {address: dict(counts) for address, counts in found.items()}


def host_counters(hosts: tuple[HostStatus, ...]) -> ClusterCounters:
    """The counters of a cluster's hosts in `/clusters` together; each is None where a host lacks it.

    A host's errors are its 5xx answers and its resets; what no host got (an overflow) is not among them.
    """
    of_hosts = [dict(host.stats) for host in hosts]

    def together(name: str) -> int | None:
        return sum(stats[name] for stats in of_hosts) if of_hosts and all(name in stats for stats in of_hosts) else None

    return ClusterCounters(
        connections=together("cx_active"),
        requests=together("rq_total"),
        errors_5xx=together("rq_error"),
        connect_failures=together("cx_connect_fail"),
    )


def _errors(count: Callable[[str], int | None]) -> int | None:
    """5xx answers; 0 if the other classes make up all completed answers."""
    errors = count("5xx")
    if errors is None and (completed := count("completed")) is not None:
        return 0 if completed == sum(count(word) or 0 for word in CLASSES) else None
    return errors


def _listener_name(listener: Listener) -> str:
    """Its own prefix, else the first address: `0.0.0.0_10000`, `[__]_80`, a pipe's path, `envoy_internal_NAME`."""
    if listener.is_internal:
        return _escaped(listener.stat_prefix or f"envoy_internal_{listener.name}")
    return _escaped(listener.stat_prefix or str(listener.address))


def _escaped(name: str) -> str:
    """The name as Envoy writes it into a statistic's."""
    return name.replace(":", "_").replace("\0", "_")
