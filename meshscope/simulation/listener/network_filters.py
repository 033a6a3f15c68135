"""The network filters of a chain in their order, up to the terminal one.

https://www.envoyproxy.io/docs/envoy/latest/configuration/listeners/network_filters/network_filters
`models` maps the type names of filters that are modelled elsewhere to functions that make them, called once for each
configuration. A filter is called as `run(connection, metadata, envoy, terminates_tls=…, explain=…)` and returns outcomes with
the connection's dynamic metadata as the next filter sees it, or with an End.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from meshscope.location import Location
from meshscope.simulation.connection import Connection, Envoy
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.endings import CLOSED, UNKNOWN, End
from meshscope.simulation.listener.tcp_cluster_choice import ToCluster, tcp_clusters
from meshscope.simulation.matching.string import NEWEST
from meshscope.simulation.outcome import Outcome, in_sequence
from meshscope.simulation.trace import Response, Step, StepKind
from meshscope.simulation.verdict import Truth
from meshscope.xds.extension import Extension
from meshscope.xds.filter_chain import FilterChain
from meshscope.xds.http_connection_manager import HttpConnectionManager
from meshscope.xds.message import Undecodable
from meshscope.xds.tcp_proxy import TcpProxy

Metadata = dict[str, Any]
NetworkFilter = Callable[..., tuple[Outcome[Metadata], ...]]
MakeNetworkFilter = Callable[[Extension, Location | None], "NetworkFilter | None"]
Models = Mapping[str, MakeNetworkFilter]

_FILTERS = "envoy.extensions.filters.network."
SNI_CLUSTER = f"{_FILTERS}sni_cluster.v3.SniCluster"
_NEVER_DECIDE = (
    "metadata_exchange", "metadataexchange", "istio.stats", "istio_stats", "istio.authn", "forward_downstream_sni",
    "zookeeper_proxy", "mysql_proxy", "postgres_proxy", "mongo_proxy", "kafka_broker", "stats.PluginConfig", "peer_metadata",
)  # fmt: skip
_ANSWERS = {f"{_FILTERS}direct_response.v3.Config": "direct_response", f"{_FILTERS}echo.v3.Echo": "echo"}


class ToHttp(Struct, frozen=True):
    """An HTTP connection manager handles the connection; `location` is its typed_config's."""

    manager: HttpConnectionManager
    location: Location | None = None
    metadata: Metadata = {}


Terminal = ToHttp | ToCluster


class NetworkFilters:
    """A chain's filters, compiled; `location` is the chain's. Build it once for each configuration."""

    def __init__(self, chain: FilterChain, models: Models | None = None, location: Location | None = None) -> None:
        self._chain = chain
        self._locations = tuple(
            location.below(("filters", index, "typed_config")) if location else None
            for index in range(len(chain.filters))
        )
        self._modelled_filters = tuple(
            make(each, at) if (make := (models or {}).get(each.type_name)) else None
            for each, at in zip(chain.filters, self._locations, strict=True)
        )

    def opening(self, connect_mode: str, connection: Connection, random: int | None) -> tuple[Outcome[ToCluster], ...]:
        """The cluster to which a TCP proxy at the end of the chain connects in this `upstream_connect_mode`; () for another
        mode. By default it connects at once, before the client's handshake and before the other filters see any bytes.
        """
        last = self._chain.filters[-1].config if self._chain.filters else None
        if not isinstance(last, TcpProxy) or last.upstream_connect_mode != connect_mode:
            return ()
        by_sni = any(each.type_name == SNI_CLUSTER for each in self._chain.filters)
        return tcp_clusters(last, override=connection.sni if by_sni else "", random=random)

    def run(  # noqa: PLR0913  # a connection and the facts about it
        self,
        connection: Connection,
        *,
        opened_cluster: ToCluster | None = None,
        envoy: Envoy = NEWEST,
        terminates_tls: bool = False,
        random: int | None = None,
        explain: bool = True,
    ) -> tuple[Outcome[Terminal], ...]:
        """Every possible outcome of the connection. `terminates_tls`: this chain terminated the client's TLS.

        `opened_cluster` is the cluster that a TCP proxy has chosen before. `random` is Envoy's number for weights.
        """
        walk = _Walk(
            filters=self._chain.filters,
            modelled_filters=self._modelled_filters,
            locations=self._locations,
            connection=connection,
            envoy=envoy,
            terminates_tls=terminates_tls,
            random=random,
            explain=explain,
            opened_cluster=opened_cluster,
        )
        return walk.from_filter(0, {}, "")


class _Walk(Struct, frozen=True, kw_only=True):
    """One connection on its way through the filters. `override` is the cluster that a filter named so far, "" for none."""

    filters: tuple[Extension, ...]
    modelled_filters: tuple[NetworkFilter | None, ...]
    locations: tuple[Location | None, ...]
    connection: Connection
    envoy: Envoy
    terminates_tls: bool
    random: int | None
    explain: bool
    opened_cluster: ToCluster | None

    def from_filter(self, index: int, metadata: Metadata, override: str) -> tuple[Outcome[Terminal], ...]:
        if index == len(self.filters):
            because = "the chain has no terminal filter" if self.filters else "the chain has no filters"
            return self._ends(CLOSED, "", because, None)
        return self._at_filter(index, metadata, override)

    def _at_filter(self, index: int, metadata: Metadata, override: str) -> tuple[Outcome[Terminal], ...]:
        each, run = self.filters[index], self.modelled_filters[index]
        if run is not None:
            outcomes = run(
                self.connection, metadata, self.envoy, terminates_tls=self.terminates_tls, explain=self.explain
            )
            return tuple(whole for one in outcomes for whole in self._after(one, index, override))
        config = each.config
        if isinstance(config, HttpConnectionManager):
            to_http = ToHttp(config, self.locations[index], metadata)
            return (Outcome(to_http, steps=self._step(index, Truth.YES, "HTTP")),)
        if isinstance(config, TcpProxy):
            opened_targets = (Outcome(self.opened_cluster),) if self.opened_cluster else ()
            targets = opened_targets or tcp_clusters(config, override=override, random=self.random)
            return tuple(self._to_cluster(one, index) for one in targets)
        if each.type_name in _ANSWERS:
            end = End(Disposition.DIRECT_RESPONSE, Response(code=0, details=_ANSWERS[each.type_name]))
            return self._ends(end, each.name, "the filter itself answers", self.locations[index])
        if each.type_name == SNI_CLUSTER:
            sni = self.connection.sni
            outcome = Outcome(metadata, steps=self._step(index, Truth.YES, f"cluster {sni}" if sni else "no SNI"))
            return self._after(outcome, index, sni or override)
        return self._after(self._unmodelled(index, metadata), index, override)

    def _to_cluster(self, one: Outcome[ToCluster], index: int) -> Outcome[Terminal]:
        target = one.value
        because = ""
        if isinstance(target, ToCluster):
            because = ": ".join(filter(None, (f"cluster {target.cluster}", target.because)))
        return Outcome(target, one.probability, one.condition, self._step(index, Truth.YES, because), one.assuming)

    def _unmodelled(self, index: int, metadata: Metadata) -> Outcome[Metadata]:
        each = self.filters[index]
        kind, config = each.type_name or each.name, each.config
        why = f"does not read: {config.why}" if isinstance(config, Undecodable) else "is not modelled"
        if any(name in kind for name in _NEVER_DECIDE):
            return Outcome(metadata, steps=self._step(index, Truth.YES, "it never decides"))
        if index == len(self.filters) - 1:
            assuming = (f"{each.name} ({kind}), the terminal filter, {why}",)
            return Outcome(UNKNOWN, steps=self._step(index, Truth.UNKNOWN, f"{kind} {why}"), assuming=assuming)
        assuming = (f"{each.name} ({kind}) lets the connection pass",)
        return Outcome(metadata, steps=self._step(index, Truth.UNKNOWN, f"{kind} {why}"), assuming=assuming)

    def _after(self, one: Outcome[Metadata], index: int, override: str) -> tuple[Outcome[Terminal], ...]:
        """The outcome of a filter in sequence with those of the filters after it."""
        if isinstance(one.value, End):
            return (Outcome(one.value, one.probability, one.condition, one.steps, one.assuming),)
        return tuple(in_sequence(one, rest) for rest in self.from_filter(index + 1, one.value, override))

    def _step(self, index: int, verdict: Truth, because: str) -> tuple[Step, ...]:
        if not self.explain:
            return ()
        return (
            Step(
                kind=StepKind.NETWORK_FILTER,
                chosen=self.filters[index].name,
                verdict=verdict,
                because=because,
                location=self.locations[index],
            ),
        )

    def _ends(self, end: End, name: str, because: str, location: Location | None) -> tuple[Outcome[Terminal], ...]:
        step = Step(kind=StepKind.NETWORK_FILTER, chosen=name, verdict=Truth.NO, because=because, location=location)
        return (Outcome(end, steps=(step,) if self.explain else ()),)
