"""tracing of Telemetry: the tracing of each connection manager of its side, field by field.

https://istio.io/latest/docs/reference/config/telemetry/#Tracing
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from msgspec import Struct

from meshscope.effect.answer import Difference, State
from meshscope.effect.configuration import Configuration
from meshscope.effect.outcome import Outcome
from meshscope.effect.policies.chains import PolicyChain
from meshscope.effect.telemetry.layers import Entry, is_for, names, provider
from meshscope.effect.telemetry.merging import last_to_say
from meshscope.istio.mesh_config import ExtensionProvider
from meshscope.istio.objects import telemetry
from meshscope.path import Path
from meshscope.xds.message import Undecodable, decode, present
from meshscope.xds.tracing import Tracing

_KINDS = {
    "zipkin": "ZipkinConfig",
    "opentelemetry": "OpenTelemetryConfig",
    "datadog": "DatadogConfig",
    "skywalking": "SkyWalkingConfig",
    "opencensus": "OpenCensusConfig",
    "lightstep": "LightstepConfig",
}
"""Envoy's tracers for Istio's providers."""
_OFF = "no provider of traces is named or default, so that istiod turns tracing off"


class _Valued(Protocol):
    @property
    def value(self) -> str: ...


class _Named(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def default_value(self) -> str: ...


class Field(Struct, frozen=True):
    """`says`: whether an entry sets it."""

    name: str
    says: Callable[[telemetry.Tracing], bool]


_PROVIDER = Field("providers", lambda value: bool(value.providers))
_REPORTING = Field("disableSpanReporting", lambda value: value.disable_span_reporting is not None)
_SAMPLING = Field("randomSamplingPercentage", lambda value: value.random_sampling_percentage is not None)
_TAGS = Field("customTags", lambda value: bool(value.custom_tags))
_FIELDS = (_PROVIDER, _REPORTING, _SAMPLING, _TAGS)
"""Those that are compared; a later entry takes over field by field."""


class Traces:
    """All that decides about traces at one proxy."""

    def __init__(
        self,
        configuration: Configuration,
        listed: list[list[Entry[telemetry.Tracing]]],
        chains: Iterable[tuple[str, PolicyChain]],
    ) -> None:
        self._configuration, self._listed = configuration, listed
        self._chains = tuple((mode, chain) for mode, chain in chains if chain.is_http)

    def outcomes(self, entry: Entry[telemetry.Tracing]) -> Iterator[Outcome]:
        path = ("spec", "tracing", entry.index)
        if not self._chains:
            yield Outcome(path, State.NOT_IN_EFFECT, "the proxy has no HTTP filter chain: connections have no traces")
        for mode in dict.fromkeys(mode for mode, _ in self._chains if is_for(entry.value.match, mode)):
            yield from self._of_mode(path, entry, mode)

    def _of_mode(self, path: Path, entry: Entry[telemetry.Tracing], mode: str) -> Iterator[Outcome]:
        last = {field.name: last_to_say(self._listed, mode, field.says) for field in _FIELDS}
        own = [field.name for field in _FIELDS if last[field.name] is entry]
        outdone = [field.name for field in _FIELDS if field.says(entry.value) and last[field.name] is not entry]
        for name in outdone:
            other = last[name]
            state = State.PARTLY if own else State.NOT_IN_EFFECT
            yield Outcome(path, state, f"{other.one if other else 'another'} has the last word on {name}")
        if outdone and not own:
            return
        tracer, why = self._tracer(last[_PROVIDER.name])
        reporting = last[_REPORTING.name]
        is_off = reporting is not None and bool(reporting.value.disable_span_reporting)
        if is_off and reporting is not None and reporting is not entry:
            yield Outcome(path, State.NOT_IN_EFFECT, f"{reporting.one} turns the traces off")
            return
        if why is not None and not (is_off and _REPORTING.name in own):
            yield Outcome(path, *why)
            return
        for its_mode, chain in self._chains:
            if its_mode == mode:
                yield _at(path, chain, _Wanted(entry.value, own, tracer, is_off))

    def _tracer(self, last: Entry[telemetry.Tracing] | None) -> tuple[str, tuple[State, str] | None]:
        """Envoy's tracer of the provider that counts, or what is said where there is none."""
        default = self._configuration.settings.default_providers.tracing
        name = next(iter(names(last.value) if last else default), "")
        if not name:
            return "", (State.NOT_IN_EFFECT, _OFF)
        found = provider(self._configuration, name)
        if found is None:
            return "", (State.NOT_IN_EFFECT, f"the mesh's extensionProviders have no {name}: {_OFF}")
        kind = _kind(found)
        return kind, None if kind else (State.UNKNOWN, f"traces of provider {name} are not modelled")


class _Wanted(Struct, frozen=True):
    """`own` are the fields on which the entry has the last word."""

    value: telemetry.Tracing
    own: list[str]
    tracer: str
    is_off: bool


def _at(path: Path, chain: PolicyChain, wanted: _Wanted) -> Outcome:
    manager = chain.chain.http
    raw = manager[1].tracing if manager else None
    held = decode(raw, Tracing) if raw is not None and present(raw) else None
    if isinstance(held, Undecodable):
        return chain.told(path, State.UNKNOWN, f"the tracing of the {chain} does not read: {held.why}")
    if wanted.is_off:
        if held is None:
            return chain.told(path, State.IN_EFFECT, f"the {chain} writes no traces")
        return chain.told(path, State.NOT_IN_EFFECT, f"the {chain} still writes traces")
    if held is None:
        return chain.told(path, State.NOT_IN_EFFECT, f"the {chain} writes no traces")
    differences = tuple(_differences(wanted, held))
    if differences:
        return chain.told(path, State.PARTLY, f"in the {chain} {differences[0]}", *differences)
    return chain.told(path, State.IN_EFFECT, f"the {chain} writes such traces")


def _kind(one: ExtensionProvider) -> str:
    return next((kind for field, kind in _KINDS.items() if present(getattr(one, field))), "")


def _differences(asked: _Wanted, held: Tracing) -> Iterator[Difference]:
    value, own = asked.value, asked.own
    actual = held.provider.type_name.rpartition(".")[2] if held.provider else ""
    if _PROVIDER.name in own and actual != asked.tracer:
        yield Difference("tracing.provider", asked.tracer, actual)
    wanted = value.random_sampling_percentage
    if _SAMPLING.name in own and wanted is not None and abs(held.random_sampling.value - wanted) > 1e-9:
        yield Difference("tracing.random_sampling", f"{wanted:g}", f"{held.random_sampling.value:g}")
    if _TAGS.name in own:
        tags = {
            one.tag: _words(one.literal, one.environment, one.request_header, one.value) for one in held.custom_tags
        }
        for name, tag in value.custom_tags.items():
            formatter = tag.formatter.value if tag.formatter else ""
            expected = _words(tag.literal, tag.environment, tag.header, formatter)
            if tags.get(name) != expected:
                yield Difference(f"tracing.custom_tags.{name}", expected, tags.get(name, ""))


def _words(literal: _Valued | None, environment: _Named | None, header: _Named | None, value: str) -> str:
    if literal is not None:
        return literal.value
    for kind, named in (("environment", environment), ("header", header)):
        if named is not None:
            return f"{kind} {named.name}, else '{named.default_value}'"
    return value
