"""`auto_host_rewrite`: the authority becomes the name of the host that is chosen, so that each name is a way of its own.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-routeaction
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from meshscope.simulation.outcome import Outcome
from meshscope.simulation.proxy.balancing import named_hosts
from meshscope.simulation.proxy.draft import Draft, Forward
from meshscope.simulation.route.upstream_request import UpstreamRequest
from meshscope.simulation.trace import StepKind


def by_host_name(draft: Draft, upstream: UpstreamRequest) -> Iterator[Draft]:
    """Every way on, with the request as it leaves to hosts of one name."""
    forward = draft.forward
    if forward is None or forward.request is None or not upstream.takes_host_name:
        yield draft
        return
    if forward.host_name:
        yield _sent(draft, forward, upstream, forward.host_name)
        return
    if not forward.hosts:
        because = (
            f"auto_host_rewrite leaves the authority as it is: the name of the host of {forward.cluster} is unknown"
        )
        yield draft.assumed((because,))
        return
    names: dict[str, list[int]] = {}
    for index, host in enumerate(forward.hosts):
        names.setdefault(host.endpoint.hostname, []).append(index)
    for name, indexes in names.items():
        way = draft if len(names) == 1 else _to_hosts(draft, forward, indexes)
        yield _sent(way, way.forward or forward, upstream, name)


def _sent(draft: Draft, forward: Forward, upstream: UpstreamRequest, name: str) -> Draft:
    request = upstream.with_endpoint(forward.request, name) if forward.request else None
    return replace(draft, forward=replace(forward, request=request))


def _to_hosts(draft: Draft, forward: Forward, indexes: list[int]) -> Draft:
    """The same to these hosts alone, whose shares add up to 1 again."""
    hosts, endpoints = forward.hosts or (), draft.hop.endpoints or ()
    share = sum(hosts[index].share for index in indexes)
    chosen = tuple(replace(hosts[index], share=hosts[index].share / share) for index in indexes)
    connections = tuple(forward.connections[index] for index in indexes)
    steps = (
        replace(step, chosen=named_hosts(chosen), location=chosen[0].endpoint.location)
        if step.kind is StepKind.ENDPOINT
        else step
        for step in draft.hop.steps
    )
    way = draft.after(Outcome(None, share)).with_hop(
        endpoints=tuple(endpoints[index] for index in indexes), steps=tuple(steps)
    )
    return replace(way, forward=replace(forward, hosts=chosen, connections=connections))
