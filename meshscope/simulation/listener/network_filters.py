"""The network filters of a chain in their order, up to the one that ends it.

https://www.envoyproxy.io/docs/envoy/latest/configuration/listeners/network_filters/network_filters
A filter that is modelled elsewhere comes in by `models`: its type's name -> a `Make`. `Make(filter, location)` is called
once for each configuration; what it makes is called as `run(connection, metadata, envoy, secured=…, explain=…)` and
answers with outcomes that hold the connection's dynamic metadata as the next filter sees it, or an End.
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
from meshscope.xds.tcp_proxy import TcpProxy

Metadata = dict[str, Any]
Run = Callable[..., tuple[Outcome[Metadata], ...]]
Make = Callable[[Extension, Location | None], Run]
Models = Mapping[str, Make]

_FILTERS = "envoy.extensions.filters.network."
SNI_CLUSTER = f"{_FILTERS}sni_cluster.v3.SniCluster"
_NEVER_DECIDE = (
    "metadata_exchange", "metadataexchange", "istio.stats", "istio_stats", "istio.authn", "forward_downstream_sni",
    "zookeeper_proxy", "mysql_proxy", "postgres_proxy", "mongo_proxy", "kafka_broker", "stats.PluginConfig", "peer_metadata",
)  # fmt: skip
_ANSWERS = {f"{_FILTERS}direct_response.v3.Config": "direct_response", f"{_FILTERS}echo.v3.Echo": "echo"}


class ToHttp(Struct, frozen=True):
    """An HTTP connection manager takes over; `location` is its typed_config's."""

    manager: HttpConnectionManager
    location: Location | None = None
    metadata: Metadata = {}


Terminal = ToHttp | ToCluster


class NetworkFilters:
    """A chain's filters made ready; `location` is the chain's. Build it once for each configuration."""

    def __init__(self, chain: FilterChain, models: Models | None = None, location: Location | None = None) -> None:
        self._chain = chain
        self._at = tuple(
            location.below(("filters", index, "typed_config")) if location else None
            for index in range(len(chain.filters))
        )
        self._made = tuple(
            make(each, at) if (make := (models or {}).get(each.type_name)) else None
            for each, at in zip(chain.filters, self._at, strict=True)
        )

    def opening(self, moment: str, connection: Connection, random: int | None) -> tuple[Outcome[ToCluster], ...]:
        """The cluster that a TCP proxy at the end chooses at this moment, an `upstream_connect_mode`: by default at once,
        before the client's handshake and before the filters in front of it see any bytes. () where it does not.
        """
        last = self._chain.filters[-1].config if self._chain.filters else None
        if not isinstance(last, TcpProxy) or last.upstream_connect_mode != moment:
            return ()
        by_name = any(each.type_name == SNI_CLUSTER for each in self._chain.filters)
        return tcp_clusters(last, asked=connection.sni if by_name else "", random=random)

    def run(  # noqa: PLR0913  # a connection and what was found of it
        self,
        connection: Connection,
        *,
        opened: ToCluster | None = None,
        envoy: Envoy = NEWEST,
        secured: bool = False,
        random: int | None = None,
        explain: bool = True,
    ) -> tuple[Outcome[Terminal], ...]:
        """Everything that may become of a connection. `secured`: this chain ended the client's TLS.

        `opened` is what a TCP proxy chose already. `random` decides weights as Envoy's own number would.
        """
        walk = _Walk(self._chain.filters, self._made, self._at, connection, envoy, secured, random, explain, opened)
        return walk.from_filter(0, {}, "")


class _Walk(Struct, frozen=True):
    filters: tuple[Extension, ...]
    made: tuple[Run | None, ...]
    at: tuple[Location | None, ...]
    connection: Connection
    envoy: Envoy
    secured: bool
    random: int | None
    explain: bool
    opened: ToCluster | None

    def from_filter(self, index: int, metadata: Metadata, asked: str) -> tuple[Outcome[Terminal], ...]:
        """`asked`: the cluster that a filter named so far."""
        if index == len(self.filters):
            because = "no filter ends the chain" if self.filters else "the chain has no filters"
            return self._ends(CLOSED, "", because, None)
        return self._asked(index, metadata, asked)

    def _asked(self, index: int, metadata: Metadata, asked: str) -> tuple[Outcome[Terminal], ...]:
        each, run = self.filters[index], self.made[index]
        if run is not None:
            outcomes = run(self.connection, metadata, self.envoy, secured=self.secured, explain=self.explain)
            return tuple(joined for one in outcomes for joined in self._after(one, index, asked))
        config = each.config
        if isinstance(config, HttpConnectionManager):
            return (Outcome(ToHttp(config, self.at[index], metadata), steps=self._step(index, Truth.YES, "HTTP")),)
        if isinstance(config, TcpProxy):
            opened = (Outcome(self.opened),) if self.opened else tcp_clusters(config, asked=asked, random=self.random)
            return tuple(self._to_cluster(one, index) for one in opened)
        if each.type_name in _ANSWERS:
            end = End(Disposition.DIRECT_RESPONSE, Response(code=0, details=_ANSWERS[each.type_name]))
            return self._ends(end, each.name, "the filter answers by itself", self.at[index])
        if each.type_name == SNI_CLUSTER:
            sni = self.connection.sni
            passed = Outcome(metadata, steps=self._step(index, Truth.YES, f"cluster {sni}" if sni else "no SNI"))
            return self._after(passed, index, sni or asked)
        return self._after(self._unmodelled(index, metadata), index, asked)

    def _to_cluster(self, one: Outcome[ToCluster], index: int) -> Outcome[Terminal]:
        to = one.value
        because = ": ".join(filter(None, (f"cluster {to.cluster}", to.because))) if isinstance(to, ToCluster) else ""
        return Outcome(to, one.probability, one.condition, self._step(index, Truth.YES, because), one.assuming)

    def _unmodelled(self, index: int, metadata: Metadata) -> Outcome[Metadata]:
        each = self.filters[index]
        kind = each.type_name or each.name
        if any(name in kind for name in _NEVER_DECIDE):
            return Outcome(metadata, steps=self._step(index, Truth.YES, "it never decides"))
        if index == len(self.filters) - 1:
            assuming = (f"{each.name} ({kind}), which ends the chain, is not modelled",)
            return Outcome(
                UNKNOWN, steps=self._step(index, Truth.UNKNOWN, f"{kind} is not modelled"), assuming=assuming
            )
        assuming = (f"{each.name} ({kind}) lets the connection pass",)
        return Outcome(metadata, steps=self._step(index, Truth.UNKNOWN, f"{kind} is not modelled"), assuming=assuming)

    def _after(self, one: Outcome[Metadata], index: int, asked: str) -> tuple[Outcome[Terminal], ...]:
        """What follows an outcome of a filter, with the likelihood, steps and assumptions of both."""
        if isinstance(one.value, End):
            return (Outcome(one.value, one.probability, one.condition, one.steps, one.assuming),)
        return tuple(in_sequence(one, rest) for rest in self.from_filter(index + 1, one.value, asked))

    def _step(self, index: int, verdict: Truth, because: str) -> tuple[Step, ...]:
        if not self.explain:
            return ()
        at = self.at[index]
        return (
            Step(
                kind=StepKind.NETWORK_FILTER,
                chosen=self.filters[index].name,
                verdict=verdict,
                because=because,
                location=at,
            ),
        )

    def _ends(self, end: End, name: str, because: str, at: Location | None) -> tuple[Outcome[Terminal], ...]:
        step = Step(kind=StepKind.NETWORK_FILTER, chosen=name, verdict=Truth.NO, because=because, location=at)
        return (Outcome(end, steps=(step,) if self.explain else ()),)
