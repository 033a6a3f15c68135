"""A hop in labelled words: listener, filter chain, virtual host, route, cluster, endpoint, TLS."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from meshscope.istio.policy_names import parse_rbac_policy
from meshscope.render.trace.ends import End
from meshscope.render.trace.line import Meaning
from meshscope.simulation.request import Request
from meshscope.simulation.trace import Direction, Hop, StepKind
from meshscope.simulation.verdict import Truth

MOST_ENDPOINTS = 2
_TLS = {"ISTIO_MUTUAL": "mTLS", "MUTUAL": "mutual TLS", "SIMPLE": "TLS", "DISABLE": "plain text"}
PASSTHROUGH = "PassthroughCluster"
_HOLES = {
    "BlackHoleCluster": "a black hole: the mesh does not know the address",
    "block_all": "a black hole: the mesh does not know the host",
}
"""Names of clusters and of virtual hosts: REGISTRY_ONLY."""
_SPECIAL = {PASSTHROUGH: "as an unknown address, without the mesh's TLS and policies", **_HOLES}
_DRY_RUN = r"shadow rules \(\w+\) (would deny it(?: by policy (.+))?)$"


class Fact(Struct, frozen=True):
    """`step` is the kind of the step that decided it, where a screen may lead."""

    label: str
    value: str
    step: StepKind | None = None
    meaning: Meaning = Meaning.VALUE


def black_hole(hop: Hop) -> str:
    """What swallows the request, as a noun; "" for any other hop."""
    return _HOLES.get(hop.cluster or "") or _HOLES.get(hop.virtual_host or "", "")


def facts(end: End, index: int, request: Request, *, is_brief: bool = False) -> tuple[Fact, ...]:
    """What is worth a word of a hop. `is_brief`: of an inbound hop, only its chain and its cluster are."""
    is_short = is_brief and end.path.hops[index].direction is Direction.INBOUND
    return tuple(
        fact for fact in _facts(end, index, request) if fact.value and not (is_short and fact.label in _ROUTING)
    )


_ROUTING = ("listener", "routes", "host", "route", "timeout", "")


def _facts(end: End, index: int, request: Request) -> Iterator[Fact]:
    hop = end.path.hops[index]
    yield Fact("listener", hop.listener or "", StepKind.LISTENER)
    chain = hop.filter_chain
    if chain is not None and chain.name and chain.name != hop.listener:
        number = "" if chain.index is None else f"{chain.index} "
        yield Fact("chain", f"{number}{chain.name}", StepKind.FILTER_CHAIN)
    if (
        hop.direction is not Direction.INBOUND or hop.route_config != hop.cluster
    ):  # Istio's inbound tables have its name
        yield Fact("routes", hop.route_config or "", StepKind.ROUTE)
    yield Fact("host", hop.virtual_host or "", StepKind.VIRTUAL_HOST)
    if hop.route is not None:
        yield Fact("route", f"{hop.route.index} {hop.route.name}".rstrip(), StepKind.ROUTE)
    if hop.direction is not Direction.INBOUND:
        yield from _patience(hop)
    for name, value in hop.rewritten.items():
        yield Fact(f"rewrites {name}", value, StepKind.ROUTE)
    for step in hop.steps:
        if step.kind is StepKind.MIRROR:
            yield Fact("mirror", step.chosen, StepKind.MIRROR)
    yield Fact("cluster", hop.cluster or "", StepKind.CLUSTER)
    yield from _dry_runs(hop)
    if hop.direction is not Direction.INBOUND:
        yield from _upstream(hop, end, index, request)
        if _is_http(request) and hop.route is None and any("tcp_proxy" in step.chosen for step in hop.steps):
            yield Fact("", "goes as TCP: no route is chosen", StepKind.NETWORK_FILTER, Meaning.REASON)


def _dry_runs(hop: Hop) -> Iterator[Fact]:
    """What shadow rules would do, where they would deny the request."""
    for step in hop.steps:
        if found := re.search(_DRY_RUN, step.because):
            policy = parse_rbac_policy(found[2] or "")
            by = (policy and policy.owner) or found[2]
            words = f"would deny it: {by}" if by else found[1]
            yield Fact("dry run", words, step.kind, Meaning.REASON)


def _patience(hop: Hop) -> Iterator[Fact]:
    if hop.timeout:
        yield Fact("timeout", "none" if hop.timeout == "0s" else hop.timeout, StepKind.ROUTE)
    if hop.retries and hop.retries.num_retries:
        each = f" × {hop.retries.per_try_timeout}" if hop.retries.per_try_timeout not in (None, "0s") else ""
        yield Fact("retries", f"{hop.retries.num_retries}{each}", StepKind.ROUTE)


def _upstream(hop: Hop, end: End, index: int, request: Request) -> Iterator[Fact]:
    endpoints = [endpoint.address for endpoint in end.endpoints(index)]
    more = f" + {len(endpoints) - MOST_ENDPOINTS}" if len(endpoints) > MOST_ENDPOINTS else ""
    if endpoints:
        yield Fact("→", ", ".join(endpoints[:MOST_ENDPOINTS]) + more, StepKind.ENDPOINT)
    if any(endpoint.health != "HEALTHY" for endpoint in end.endpoints(index)):
        because = next((step.because for step in hop.steps if step.kind is StepKind.ENDPOINT), "")
        yield Fact("", because, StepKind.ENDPOINT, Meaning.REASON)
    if hop.tls is not None:
        yield Fact("", _TLS.get(hop.tls.mode, hop.tls.mode), StepKind.TLS)
    elif endpoints and all(step.verdict is Truth.YES for step in hop.steps if step.kind is StepKind.TLS):
        yield Fact("", _without_tls(end.path.hops[: index + 1], request), StepKind.TLS)
    yield Fact("", _SPECIAL.get(hop.cluster or "", ""), StepKind.CLUSTER, Meaning.REASON)
    yield Fact("", _SPECIAL.get(hop.virtual_host or "", ""), StepKind.VIRTUAL_HOST, Meaning.REASON)


def _without_tls(hops: Sequence[Hop], request: Request) -> str:
    """How the bytes travel from the last of these hops on, which adds no TLS of its own; "" where that is unknown.

    A proxy that forwards a connection without reading it forwards the client's TLS too, unless it has accepted it. Of several
    proxies with TLS, which may be the client's or their own, nothing is said.
    """
    is_read = any(hop.route is not None or hop.virtual_host is not None for hop in hops)
    if is_read or not _speaks_tls(request):
        return "plain text"
    with_tls = [hop for hop in hops if any(step.kind is StepKind.TLS for step in hop.steps)]
    if not with_tls:
        return "the client's TLS"
    return "plain text" if len(with_tls) == 1 and with_tls[0].tls is None else ""


def _speaks_tls(request: Request) -> bool:
    if request.tls is not None:
        return request.tls
    scheme = request.scheme or request.dest.partition("://")[0]
    return scheme in ("https", "wss")


def _is_http(request: Request) -> bool:
    if request.protocol == "tcp" or request.dest.startswith("tcp://"):
        return False
    return bool(request.method or request.headers or "://" in request.dest)
