"""A request on its way to the upstream: what HTTP filters decide only now, and the filters of the cluster itself.

https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/http/http_filters#upstream-http-filters
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from meshscope.simulation.connection import HttpRequest, Later
from meshscope.simulation.endings import End
from meshscope.simulation.http_filters.afterwards import later_end
from meshscope.simulation.http_filters.filter import FilterContext, Reroute
from meshscope.simulation.outcome import Outcome
from meshscope.simulation.proxy.compiled_proxy import CompiledProxy
from meshscope.simulation.proxy.draft import Draft
from meshscope.simulation.route.upstream_request import as_headers
from meshscope.simulation.trace import Step, StepKind
from meshscope.simulation.verdict import Truth


def decided_later(draft: Draft, request: HttpRequest) -> Iterator[Draft]:
    """Every way on for a request of which filters have still to see the body, or the answer."""
    if draft.forward is None or not request.later:
        yield draft
        return
    certain = next((one for one in request.later if one.certain), None)
    for later in (certain,) if certain else request.later:
        outcome: Outcome[Any] = Outcome(later_end(later), 1.0 if certain else None, later.ends, _step(later, Truth.NO))
        yield draft.after(outcome)
    if certain is None:
        steps = tuple(step for later in request.later for step in _step(later, Truth.YES))
        yield replace(draft.with_steps(*steps), probability=None)


def _step(later: Later, verdict: Truth) -> tuple[Step, ...]:
    because = later.ends if verdict is Truth.NO else later.passes
    return (Step(kind=StepKind.HTTP_FILTER, chosen=later.filter, verdict=verdict, because=because),)


def sent_through(draft: Draft, proxy: CompiledProxy, seen: FilterContext) -> Iterator[Draft]:
    """Through the HTTP filters of the cluster, which see the request as the router sends it."""
    forward = draft.forward
    filters = proxy.upstream.http_filters(forward.cluster) if forward else None
    if forward is None or filters is None or forward.request is None:
        yield draft
        return
    request = replace(forward.request, later=())
    for outcome in filters.walk(request, seen):
        after, value = draft.after(outcome), outcome.value
        if isinstance(value, End):
            yield after
            continue
        sent = value.request if isinstance(value, Reroute) else value
        after = replace(after, forward=replace(forward, request=sent))
        yield after if sent is request else after.with_hop(request_headers=as_headers(sent))
