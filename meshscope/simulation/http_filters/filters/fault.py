"""`envoy.filters.http.fault`: delay, then abort, each for a share of the requests that meet the conditions.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/fault_filter
The conditions in order: active faults, `upstream_cluster`, `downstream_nodes`, `headers`. An absent percentage is 0 %.
"""

from __future__ import annotations

from msgspec import Struct

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.dynamic_metadata import with_metadata
from meshscope.simulation.guards import match_headers_individually
from meshscope.simulation.http_filters.delay import METADATA, with_delay_flag
from meshscope.simulation.http_filters.filter import (
    FilterContext,
    FilterEntry,
    FilterOutcome,
    FilterOutcomes,
    assumed_to_pass,
    by_most_specific,
    ends,
    passes,
    under_condition,
)
from meshscope.simulation.local_reply import local_reply
from meshscope.simulation.matching.header import header_because, header_matches
from meshscope.simulation.outcome import Outcome, in_sequence
from meshscope.simulation.runtime_fraction import Share, share_of, whole_number
from meshscope.simulation.verdict import YES, Verdict, no, unknown
from meshscope.xds.duration import duration_text, seconds
from meshscope.xds.fault import FaultAbort, FaultDelay, HTTPFault
from meshscope.xds.message import present
from meshscope.xds.route_match import FractionalPercent

_HIGHEST = 2**64 - 1


class _Effect(Struct, frozen=True):
    """A delay or an abort: its share of the requests and its description. A delay has `delay` (`0.5s`), an abort `code`."""

    share: Share
    words: str
    delay: str = ""
    code: int = 0


class _Fault:
    def __init__(self, entry: FilterEntry, config: HTTPFault) -> None:
        self._entry, self._config = entry, config

    def __call__(self, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        config = self._config
        if config.delay is None and config.abort is None:
            return passes(request, context, self._entry, "no fault")
        applies = self._applies(request, context)
        if applies.is_no:
            return passes(request, context, self._entry, applies.because)
        if applies.is_unknown:
            return assumed_to_pass(request, self._entry, applies.because)
        return tuple(
            in_sequence(delay, abort)
            for delay in self._delays(request, context)
            if isinstance(delay.value, HttpRequest)
            for abort in self._aborts(delay.value, context)
        )

    def _applies(self, request: HttpRequest, context: FilterContext) -> Verdict:
        config = self._config
        key = config.max_active_faults_runtime or "fault.http.max_active_faults"
        limit = _HIGHEST if config.max_active_faults is None else config.max_active_faults
        if whole_number(key, limit, request, context.envoy) == 0:
            return no("max_active_faults is 0")
        cluster = context.route.cluster
        if config.upstream_cluster and cluster != config.upstream_cluster:
            return no(f"only for cluster {config.upstream_cluster}; the route's cluster is {cluster or '(none)'}")
        if config.downstream_nodes:
            node = ",".join(request.values("x-envoy-downstream-service-node"))
            if node not in config.downstream_nodes:
                return no(f"x-envoy-downstream-service-node is {node or 'absent'}, which is not in downstream_nodes")
        individually = match_headers_individually(context.envoy)
        for matcher in config.headers:
            verdict = header_matches(matcher, request, context.envoy, individually=individually)
            if not verdict.is_yes:
                because = verdict.because or header_because(matcher, request)
                return no(because) if verdict.is_no else unknown(because)
        return YES

    def _delays(self, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        config = self._config
        effect = _delay(config, config.delay, request, context) if config.delay else None
        if effect is None:
            return (Outcome(request),)
        if effect.share.is_off:
            return passes(request, context, self._entry, f"{effect.words} for 0%")
        late = with_metadata(request, METADATA, {"delay": effect.delay})
        return tuple(
            _branch(passes(late, context, self._entry, f"{effect.words} ({effect.share})")[0], effect.words, share)
            if happens
            else _branch(Outcome(request), f"no {effect.words}", share)
            for happens, share in effect.share.branches(request.random)
        )

    def _aborts(self, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        config = self._config
        effect = _abort(config, config.abort, request, context) if config.abort else None
        if effect is None:
            return (Outcome(request),)
        if effect.share.is_off:
            return passes(request, context, self._entry, f"{effect.words} for 0%")
        (end,) = ends(
            Disposition.FAULT,
            with_delay_flag(local_reply(request, effect.code, "fault_filter_abort", "FI"), request),
            self._entry,
            f"{effect.words} ({effect.share})",
        )
        passing = passes(request, context, self._entry, f"no {effect.words} ({effect.share})")[0]
        return tuple(
            _branch(end, effect.words, share) if happens else _branch(passing, f"no {effect.words}", share)
            for happens, share in effect.share.branches(request.random)
        )


def _delay(config: HTTPFault, delay: FaultDelay, request: HttpRequest, context: FilterContext) -> _Effect | None:
    """None where the client's headers ask for no delay, or its length is 0."""
    if present(delay.header_delay):
        milliseconds = _number(request, "x-envoy-fault-delay-request")
        if milliseconds is None:
            return None
        percent = _capped(delay.percentage, _number(request, "x-envoy-fault-delay-request-percentage"))
        length = f"{milliseconds / 1000:g}s"
    else:
        percent = delay.percentage
        length = _fixed_delay(config, delay, request, context)
    key = config.delay_percent_runtime or "fault.http.delay.fixed_delay_percent"
    share = share_of(percent, key, request, context.envoy)
    return None if length == "0s" else _Effect(share, f"delay of {length}", delay=length)


def _fixed_delay(config: HTTPFault, delay: FaultDelay, request: HttpRequest, context: FilterContext) -> str:
    key = config.delay_duration_runtime or "fault.http.delay.fixed_duration_ms"
    milliseconds = whole_number(key, -1, request, context.envoy)
    if milliseconds >= 0:
        return f"{milliseconds / 1000:g}s"
    return duration_text(delay.fixed_delay) if seconds(delay.fixed_delay) else "0s"


def _abort(config: HTTPFault, abort: FaultAbort, request: HttpRequest, context: FilterContext) -> _Effect | None:
    """None where neither the configuration nor the client's headers give a status."""
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


def _capped(percent: FractionalPercent, from_client: int | None) -> FractionalPercent:
    """The client's numerator, capped at the configured one; the configured one where the client gives none."""
    if from_client is None:
        return percent
    return FractionalPercent(numerator=min(from_client, percent.numerator), denominator=percent.denominator)


def _branch(outcome: FilterOutcome, words: str, share: float) -> FilterOutcome:
    return outcome if share == 1.0 else under_condition(outcome, words, share)


make = by_most_specific(HTTPFault, "a fault configuration", _Fault)
