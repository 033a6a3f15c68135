"""`envoy.filters.http.fault`: delay, then abort, each for a share of the requests that pass the gates.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/fault_filter
Gates in order: active faults, `upstream_cluster`, `downstream_nodes`, `headers`. An absent percentage is 0 %.
"""

from __future__ import annotations

from msgspec import Struct

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.dynamic_metadata import with_metadata
from meshscope.simulation.guards import match_headers_individually
from meshscope.simulation.http_filters.delay import METADATA, flagged
from meshscope.simulation.http_filters.filter import (
    Configured,
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcome,
    FilterOutcomes,
    assumed,
    ended,
    joined,
    passed,
    possible,
)
from meshscope.simulation.local_reply import local_reply
from meshscope.simulation.matching.header import header_because, header_matches
from meshscope.simulation.outcome import Outcome
from meshscope.simulation.runtime_fraction import Share, share_of, whole_number
from meshscope.simulation.verdict import YES, Verdict, no, unknown
from meshscope.xds.duration import seconds, shown
from meshscope.xds.fault import FaultAbort, FaultDelay, HTTPFault
from meshscope.xds.message import present
from meshscope.xds.route_match import FractionalPercent

_HIGHEST = 2**64 - 1


def make(entry: FilterEntry, own: Configured, overrides: tuple[Configured, ...]) -> Filter:
    chosen = overrides[0] if overrides else own
    if not isinstance(chosen.message, HTTPFault):
        return lambda request, _: assumed(request, entry, "its configuration is not the fault filter's")
    return _Fault(FilterEntry(entry.name, entry.type_name, chosen.location or entry.location), chosen.message)


class _Effect(Struct, frozen=True):
    """A delay or an abort that may happen: its share, and what it is in words."""

    share: Share
    words: str
    delay: str = ""
    code: int = 0


class _Fault:
    def __init__(self, entry: FilterEntry, config: HTTPFault) -> None:
        self._site, self._config = entry, config

    def __call__(self, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        config = self._config
        if config.delay is None and config.abort is None:
            return passed(request, context, self._site, "no fault")
        gate = self._gate(request, context)
        if gate.is_no:
            return passed(request, context, self._site, gate.because)
        if gate.is_unknown:
            return assumed(request, self._site, gate.because)
        return tuple(
            joined(delayed, aborted)
            for delayed in self._delayed(request, context)
            if isinstance(delayed.value, HttpRequest)
            for aborted in self._aborted(delayed.value, context)
        )

    def _gate(self, request: HttpRequest, context: FilterContext) -> Verdict:
        config = self._config
        key = config.max_active_faults_runtime or "fault.http.max_active_faults"
        configured = _HIGHEST if config.max_active_faults is None else config.max_active_faults
        most = whole_number(key, configured, request, context.envoy)
        if most == 0:
            return no("no fault may be active (max_active_faults)")
        cluster = context.route.cluster
        if config.upstream_cluster and cluster != config.upstream_cluster:
            return no(f"only for cluster {config.upstream_cluster}; the route leads to {cluster or 'none'}")
        if config.downstream_nodes:
            node = ",".join(request.values("x-envoy-downstream-service-node"))
            if node not in config.downstream_nodes:
                return no(f"x-envoy-downstream-service-node is {node or 'absent'}; it was to be among those configured")
        individually = match_headers_individually(context.envoy)
        for matcher in config.headers:
            verdict = header_matches(matcher, request, context.envoy, individually=individually)
            if not verdict.is_yes:
                why = verdict.because or header_because(matcher, request)
                return no(why) if verdict.is_no else unknown(why)
        return YES

    def _delayed(self, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        config = self._config
        effect = _delay(config, config.delay, request, context) if config.delay else None
        if effect is None:
            return (Outcome(request),)
        if effect.share.is_off:
            return passed(request, context, self._site, f"{effect.words} for 0%")
        held = with_metadata(request, METADATA, {"delay": effect.delay})
        return tuple(
            _branch(passed(held, context, self._site, f"{effect.words} ({effect.share})")[0], effect.words, share)
            if happens
            else _branch(Outcome(request), f"no {effect.words}", share)
            for happens, share in effect.share.branches(request.random)
        )

    def _aborted(self, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        config = self._config
        effect = _abort(config, config.abort, request, context) if config.abort else None
        if effect is None:
            return (Outcome(request),)
        if effect.share.is_off:
            return passed(request, context, self._site, f"{effect.words} for 0%")
        (end,) = ended(
            Disposition.FAULT,
            flagged(local_reply(request, effect.code, "fault_filter_abort", "FI"), request),
            self._site,
            f"{effect.words} ({effect.share})",
        )
        spared = passed(request, context, self._site, f"no {effect.words} ({effect.share})")[0]
        return tuple(
            _branch(end, effect.words, share) if happens else _branch(spared, f"no {effect.words}", share)
            for happens, share in effect.share.branches(request.random)
        )


def _delay(config: HTTPFault, delay: FaultDelay, request: HttpRequest, context: FilterContext) -> _Effect | None:
    """None where a fault of that kind is not asked for."""
    if present(delay.header_delay):
        told = _number(request, "x-envoy-fault-delay-request")
        if told is None:
            return None
        percent = _capped(delay.percentage, _number(request, "x-envoy-fault-delay-request-percentage"))
        length = f"{told / 1000:g}s"
    else:
        percent = delay.percentage
        length = _fixed(config, delay, request, context)
    key = config.delay_percent_runtime or "fault.http.delay.fixed_delay_percent"
    share = share_of(percent, key, request, context.envoy)
    return None if length == "0s" else _Effect(share, f"delay of {length}", delay=length)


def _fixed(config: HTTPFault, delay: FaultDelay, request: HttpRequest, context: FilterContext) -> str:
    key = config.delay_duration_runtime or "fault.http.delay.fixed_duration_ms"
    told = whole_number(key, -1, request, context.envoy)
    return f"{told / 1000:g}s" if told >= 0 else shown(delay.fixed_delay) if seconds(delay.fixed_delay) else "0s"


def _abort(config: HTTPFault, abort: FaultAbort, request: HttpRequest, context: FilterContext) -> _Effect | None:
    percent, code, grpc = abort.percentage, abort.http_status, abort.grpc_status
    if present(abort.header_abort):
        code = _number(request, "x-envoy-fault-abort-request")
        code = code if code is not None and 200 <= code < 600 else None
        grpc = _number(request, "x-envoy-fault-abort-grpc-request")
        percent = _capped(percent, _number(request, "x-envoy-fault-abort-request-percentage"))
    elif code is not None:
        key = config.abort_http_status_runtime or "fault.http.abort.http_status"
        code = whole_number(key, code, request, context.envoy)
    key = config.abort_percent_runtime or "fault.http.abort.abort_percent"
    share = share_of(percent, key, request, context.envoy)
    if code is not None:
        return _Effect(share, f"abort with {code}", code=code)
    return None if grpc is None else _Effect(share, f"abort with gRPC status {grpc}", code=200)


def _number(request: HttpRequest, name: str) -> int | None:
    values = request.values(name)
    return int(values[0]) if values and values[0].strip().isdecimal() else None


def _capped(percent: FractionalPercent, told: int | None) -> FractionalPercent:
    """What the client asks, at most what is configured."""
    if told is None:
        return percent
    return FractionalPercent(numerator=min(told, percent.numerator), denominator=percent.denominator)


def _branch(outcome: FilterOutcome, words: str, share: float) -> FilterOutcome:
    return outcome if share == 1.0 else possible(outcome, words, share)
