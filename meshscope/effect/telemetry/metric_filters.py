"""metrics of Telemetry: the filter `istio.stats` in each chain of its side, and what it overrides.

https://istio.io/latest/docs/reference/config/telemetry/#Metrics and
https://github.com/istio/istio/blob/master/pilot/pkg/model/telemetry.go (generateStatsConfig)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from meshscope.effect.answer import Difference, State
from meshscope.effect.configuration import Configuration
from meshscope.effect.outcome import Outcome
from meshscope.effect.policies.chains import PolicyChain
from meshscope.effect.telemetry.layers import Entry, provider
from meshscope.effect.telemetry.merging import in_scope, inherited
from meshscope.istio.objects.telemetry import Metrics, MetricSelector, MetricsOverrides
from meshscope.path import Path
from meshscope.xds.extension import Extension, unpacked
from meshscope.xds.istio_filters import MetricConfig, Stats
from meshscope.xds.message import Undecodable, decode, present

FILTER = "istio.stats"
_ALL = "ALL_METRICS"
_NAMES = {
    "REQUEST_COUNT": "requests_total",
    "REQUEST_DURATION": "request_duration_milliseconds",
    "REQUEST_SIZE": "request_bytes",
    "RESPONSE_SIZE": "response_bytes",
    "TCP_OPENED_CONNECTIONS": "tcp_connections_opened_total",
    "TCP_CLOSED_CONNECTIONS": "tcp_connections_closed_total",
    "TCP_SENT_BYTES": "tcp_sent_bytes_total",
    "TCP_RECEIVED_BYTES": "tcp_received_bytes_total",
    "GRPC_REQUEST_MESSAGES": "request_messages_total",
    "GRPC_RESPONSE_MESSAGES": "response_messages_total",
}
"""The filter's names of Istio's metrics."""


class Override(Struct, frozen=True):
    """What the last word is on one metric: whether it is dropped, and tags with their expression, None for those removed."""

    is_dropped: bool = False
    tags: dict[str, str | None] = {}

    def over(self, later: MetricsOverrides) -> Override:
        changed = {name: None if tag.operation == "REMOVE" else tag.value for name, tag in later.tag_overrides.items()}
        dropped = self.is_dropped if later.disabled is None else later.disabled
        return Override(dropped, {**self.tags, **changed})


class MetricFilters:
    """All that decides about metrics at one proxy."""

    def __init__(
        self,
        configuration: Configuration,
        listed: list[list[Entry[Metrics]]],
        chains: Iterable[tuple[str, PolicyChain]],
    ) -> None:
        self._configuration, self._listed, self._chains = configuration, listed, tuple(chains)
        default = configuration.settings.default_providers.metrics
        self._providers, self._scope = inherited(listed, default), in_scope(listed, default)

    def outcomes(self, entry: Entry[Metrics]) -> Iterator[Outcome]:
        path = ("spec", "metrics", entry.index)
        listed = self._providers[id(entry)]
        if not listed:
            yield Outcome(path, State.NOT_IN_EFFECT, "it names no provider, and the mesh has no default one")
        for name in listed:
            if why := self._why_not(name):
                yield Outcome(path, *why)
            else:
                yield from self._of_provider(path, entry, name)

    def _why_not(self, name: str) -> tuple[State, str] | None:
        if name not in self._scope:
            return State.NOT_IN_EFFECT, f"another object names other providers than {name}"
        found = provider(self._configuration, name)
        if found is None:
            return State.NOT_IN_EFFECT, f"the mesh's extensionProviders have no {name}"
        if not present(found.prometheus):
            return State.UNKNOWN, f"metrics of provider {name} are not modelled"
        if not self._configuration.is_since(1, 17):
            return State.UNKNOWN, "metrics before Istio 1.17 are not modelled"
        return None

    def _of_provider(self, path: Path, entry: Entry[Metrics], name: str) -> Iterator[Outcome]:
        off = self._off(name)
        if off is not None and off is not entry:
            yield Outcome(path, State.NOT_IN_EFFECT, f"{off.one} disables all metrics of {name}")
            return
        for mode, chain in self._chains:
            filter_ = next((one for _, one in chain.filters() if one.name == FILTER), None)
            if off is not None:
                state, has = (State.NOT_IN_EFFECT, "still has") if filter_ else (State.IN_EFFECT, "has no")
                yield chain.told(path, state, f"the {chain} {has} filter {FILTER}")
            elif filter_ is None:
                yield chain.told(path, State.NOT_IN_EFFECT, f"the {chain} has no filter {FILTER}")
            else:
                yield self._at(path, chain, filter_, self._asked(entry, name, mode))

    def _entries(self, name: str) -> Iterator[Entry[Metrics]]:
        """Those that speak of a provider, in the order in which they count."""
        return (one for members in self._listed for one in members if name in self._providers[id(one)])

    def _off(self, name: str) -> Entry[Metrics] | None:
        """The entry whose override disables all metrics, where it is the last one."""
        every = [(one, over) for one in self._entries(name) for over in one.value.overrides]
        if not every:
            return None
        one, over = every[-1]
        return one if over.disabled and _metric(over.match) == _ALL and _is_both(over.match) else None

    def _asked(self, entry: Entry[Metrics], name: str, mode: str) -> dict[str, Override]:
        """Of the metrics that this entry overrides: what is asked after all entries."""
        own, found = set[str](), dict[str, Override]()
        for one in self._entries(name):
            for over in one.value.overrides:
                if over.match is not None and over.match.mode not in ("CLIENT_AND_SERVER", mode):
                    continue
                metric = _metric(over.match)
                for each in _NAMES.values() if metric == _ALL else (_NAMES.get(metric, metric),):
                    found[each] = found.get(each, Override()).over(over)
                    if one is entry:
                        own.add(each)
        return {metric: override for metric, override in found.items() if metric in own}

    def _at(self, path: Path, chain: PolicyChain, filter_: Extension, asked: dict[str, Override]) -> Outcome:
        _, body = unpacked(filter_.typed_config)
        held = decode(body, Stats) if present(body) else Stats()
        if isinstance(held, Undecodable):
            return chain.told(path, State.UNKNOWN, f"filter {FILTER} of the {chain} does not read: {held.why}")
        metrics = {one.name: one for one in held.metrics}
        every = (
            each
            for name, over in asked.items()
            for each in _differences(name, over, metrics.get(name) or MetricConfig())
        )
        differences = tuple(every)
        if differences:
            return chain.told(path, State.PARTLY, f"in the {chain} {differences[0]}", *differences)
        return chain.told(path, State.IN_EFFECT, f"the {chain} has filter {FILTER}")


def _metric(match: MetricSelector | None) -> str:
    return ((match.custom_metric or match.metric) if match else None) or _ALL


def _is_both(match: MetricSelector | None) -> bool:
    return match is None or match.mode == "CLIENT_AND_SERVER"


def _differences(name: str, asked: Override, held: MetricConfig) -> Iterator[Difference]:
    if held.drop != asked.is_dropped:
        yield Difference(f"metrics.{name}.drop", str(asked.is_dropped).lower(), str(held.drop).lower())
    for tag, value in asked.tags.items():
        actual = None if tag in held.tags_to_remove else held.dimensions.get(tag, "")
        if actual != value:
            yield Difference(f"metrics.{name}.{tag}", _word(value), _word(actual))


def _word(value: str | None) -> str:
    return "removed" if value is None else value
