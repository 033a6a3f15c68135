"""Telemetry: access logs, traces and metrics of each member of its lists.

https://istio.io/latest/docs/reference/config/telemetry/
"""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.effect.answer import State
from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.outcome import Outcome
from meshscope.effect.policies.chains import PolicyChain, chains_by_mode, knows_listeners
from meshscope.effect.policies.reach import everywhere, readable
from meshscope.effect.telemetry.access_logs import Logs
from meshscope.effect.telemetry.layers import is_for, layers, why_not
from meshscope.effect.telemetry.merging import entries
from meshscope.effect.telemetry.metric_filters import MetricFilters
from meshscope.effect.telemetry.traces import Traces
from meshscope.effect.written import Written
from meshscope.istio.objects.telemetry import Telemetry
from meshscope.path import Path

_LISTS = ("accessLogging", "tracing", "metrics")


def rules(value: Telemetry) -> Iterator[Path]:
    spec = value.spec
    for name, members in zip(_LISTS, (spec.access_logging, spec.tracing, spec.metrics), strict=True):
        yield from (("spec", name, index) for index in range(len(members)))


def outcomes(configuration: Configuration, one: Written[Telemetry], client: Client) -> Iterator[Outcome]:
    """One for each member and each filter chain of its side."""
    paths = tuple(rules(one.value))
    if client.kind not in ("sidecar", "gateway"):
        yield from everywhere(paths, State.UNKNOWN, f"telemetry of {client.noun} is not modelled")
        return
    found = why_not(configuration, one, client)
    if not found.is_selected:
        state = State.UNKNOWN if found.is_selected is None else State.NOT_IN_EFFECT
        yield from everywhere(paths, state, found.because, is_meant=found.is_selected is None)
        return
    if configuration.captured_settings is None:
        because = "the mesh's settings were not captured: its providers and its accessLogFile are unknown"
        yield from everywhere(paths, State.UNKNOWN, because)
        return
    by_mode = tuple(chains_by_mode(configuration, client))
    for because in readable(chain for _, chain in by_mode)[1]:
        yield from everywhere(paths, State.UNKNOWN, because)
    chains = [(mode, chain) for mode, chain in by_mode if isinstance(chain, PolicyChain)]
    if not chains:
        known = knows_listeners(client)
        because = "the proxy has no listener" if known else "not all listeners of the proxy were captured"
        yield from everywhere(paths, State.NOT_IN_EFFECT if known else State.UNKNOWN, because)
    else:
        yield from _compared(configuration, one, client, chains)


def _compared(
    configuration: Configuration, one: Written[Telemetry], client: Client, chains: list[tuple[str, PolicyChain]]
) -> Iterator[Outcome]:
    applied = layers(configuration, client)
    logs = entries(applied, lambda value: value.spec.access_logging)
    traces = entries(applied, lambda value: value.spec.tracing)
    metrics = entries(applied, lambda value: value.spec.metrics)
    modes = {mode for mode, _ in chains}
    for each in (entry for members in logs for entry in members if entry.one.item.ref == one.item.ref):
        if any(is_for(each.value.match, mode) for mode in modes):
            yield from Logs(configuration, logs, chains).outcomes(each)
        else:
            yield _other_side(("spec", "accessLogging", each.index))
    for trace in (entry for members in traces for entry in members if entry.one.item.ref == one.item.ref):
        if any(is_for(trace.value.match, mode) for mode in modes):
            yield from Traces(configuration, traces, chains).outcomes(trace)
        else:
            yield _other_side(("spec", "tracing", trace.index))
    for metric in (entry for members in metrics for entry in members if entry.one.item.ref == one.item.ref):
        yield from MetricFilters(configuration, metrics, chains).outcomes(metric)


def _other_side(path: Path) -> Outcome:
    return Outcome(path, State.NOT_IN_EFFECT, "its match is for the other side of the traffic", is_meant=False)
