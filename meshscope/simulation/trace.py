"""The answer: a Trace of paths, each of Hops (one proxy each), each of Steps (one decision each). Its JSON is a contract.

`assuming` lists what a path assumes because it is not modelled or not captured; the disposition of such a path is `unknown`,
and `if_passed` says how it ends if every assumption holds. `problems` are documents of the proxies on the way that were
requested and not captured.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from msgspec import Struct

from meshscope.location import Location
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.hints import Hint
from meshscope.simulation.request import Headers
from meshscope.simulation.verdict import Truth
from meshscope.snapshot.snapshot import Problem


class StepKind(StrEnum):
    """What a step decides, in the order of a request's way through a proxy."""

    DNS = "dns"
    """Which address a name has."""
    CAPTURE = "capture"
    """Whether the connection enters the source's proxy at all: iptables rules, excluded ports and ranges."""
    OUTSIDE = "outside"
    """Where a connection goes that the source's proxy does not capture."""
    SERVICE = "service"
    """Which endpoint kube-proxy chooses behind a service's address."""
    LISTENER = "listener"
    """Which listener takes the connection, by its address and by hand-off to the original destination."""
    LISTENER_FILTER = "listener_filter"
    """What a listener filter detects, or that it closes the connection."""
    FILTER_CHAIN = "filter_chain"
    """Which filter chain matches."""
    TLS = "tls"
    """Whether the handshake succeeds, with the client or with the upstream."""
    NETWORK_FILTER = "network_filter"
    """What a network filter does: RBAC, TCP proxy, connection manager …"""
    CODEC = "codec"
    """Which protocol the connection manager speaks, and what its codec refuses."""
    CONNECTION_MANAGER = "connection_manager"
    """What the connection manager does before routing: checks, normalisation, upgrades."""
    VIRTUAL_HOST = "virtual_host"
    """Which virtual host has the request's host."""
    ROUTE = "route"
    """Which route matches."""
    HTTP_FILTER = "http_filter"
    """What an HTTP filter does."""
    WEIGHT = "weight"
    """Which of several weighted clusters gets the request."""
    MIRROR = "mirror"
    """Where a copy of the request goes."""
    CLUSTER = "cluster"
    """Whether the cluster exists and takes requests."""
    ENDPOINT = "endpoint"
    """Which endpoints may be chosen."""


class Direction(StrEnum):
    """What a hop's proxy is to the request."""

    OUTBOUND = "outbound"
    """The sidecar beside the client."""
    INBOUND = "inbound"
    """The sidecar beside the server."""
    GATEWAY = "gateway"
    WAYPOINT = "waypoint"
    ZTUNNEL = "ztunnel"
    STATIC = "static"
    """An Envoy that is none of Istio's, or a route table alone."""


class Rejected(Struct, frozen=True):
    """A candidate that lost, with the first predicate that failed. `near` orders near misses: the less, the nearer.

    `after_chosen`: it stands behind the chosen one, so that it lost to the order alone.
    """

    name: str
    because: str
    location: Location | None = None
    near: int = 99
    after_chosen: bool = False


class HeaderChange(Struct, frozen=True):
    """A header of the request, pseudo-headers among them, with its values before and after a step; () where it is absent.

    `unknown`: what it has after the step is not known, or whether it is there.
    """

    name: str
    was: tuple[str, ...]
    now: tuple[str, ...]
    unknown: bool = False


class Step(Struct, frozen=True, kw_only=True):
    """One decision; where it is unknown, `hint` says what would decide it. `written`: the place of what made `owner` decide so
    in the user's manifests, of steps on a path that fails. `changes`: what becomes of the request in this step. What the
    router does is in the step of its cluster, which comes after all filters; it does what the route says.
    """

    kind: StepKind
    chosen: str = ""
    verdict: Truth = Truth.YES
    because: str = ""
    rejected: tuple[Rejected, ...] = ()
    owner: str | None = None
    location: Location | None = None
    hint: Hint | None = None
    written: Location | None = None
    changes: tuple[HeaderChange, ...] = ()


class FilterChainRef(Struct, frozen=True):
    """`index` counts from 0 in `filter_chains`, None for the default chain."""

    index: int | None
    name: str


class RouteRef(Struct, frozen=True):
    index: int
    name: str
    metadata: dict[str, Any] = {}


class EndpointRef(Struct, frozen=True):
    address: str
    health: str
    weight: int = 1
    pod: str | None = None
    share: float | None = None


class Retries(Struct, frozen=True):
    """`status_codes` are those that `retriable-status-codes` in `retry_on` stands for."""

    num_retries: int
    per_try_timeout: str | None = None
    retry_on: str = ""
    status_codes: tuple[int, ...] = ()


class Tls(Struct, frozen=True):
    """The upstream side. `mode` is DISABLE, SIMPLE, MUTUAL or ISTIO_MUTUAL."""

    mode: str
    sni: str = ""
    sans: tuple[str, ...] = ()


class Hop(Struct, frozen=True, kw_only=True):
    """One proxy. Fields that were not reached or do not apply are null; `rewritten` holds only what changed."""

    proxy: str
    direction: Direction
    listener: str | None = None
    filter_chain: FilterChainRef | None = None
    route_config: str | None = None
    virtual_host: str | None = None
    route: RouteRef | None = None
    cluster: str | None = None
    endpoints: tuple[EndpointRef, ...] | None = ()
    virtual_cluster: str | None = None
    priority: str | None = None
    request_headers: Headers | None = None
    rewritten: dict[str, str] = {}
    timeout: str | None = None
    retries: Retries | None = None
    tls: Tls | None = None
    steps: tuple[Step, ...] = ()
    findings: tuple[str, ...] = ()
    """Codes of checks: part of the JSON contract, empty as long as no check runs."""
    mesh_cluster: str | None = None
    view: str | None = None


class Response(Struct, frozen=True, kw_only=True):
    """The access log of the deciding proxy. `code` 0: the connection is closed without an answer."""

    code: int
    flags: str = "-"
    details: str = ""
    location: str | None = None
    headers: Headers = ()


class Caller(Struct, frozen=True, kw_only=True):
    """The access log of the first proxy of a path, and what its client gets, where another proxy decides."""

    code: int
    flags: str
    details: str
    proxy: str


class Path(Struct, frozen=True, kw_only=True):
    """One possible outcome. `probability` None: possible, but unknown. `others` counts the outcomes that are left out.
    `caller` None: the first proxy decides, or what it logs is not known.
    """

    probability: float | None
    disposition: Disposition
    response: Response | None
    hops: tuple[Hop, ...]
    assuming: tuple[str, ...] = ()
    if_passed: str | None = None
    others: int | None = None
    caller: Caller | None = None

    @property
    def is_well(self) -> bool:
        """Whether the caller gets what it came for: the request is delivered or redirected, or answered below 400."""
        if self.disposition is Disposition.DIRECT_RESPONSE:
            return self.response is not None and 0 < self.response.code < 400
        return self.disposition in (Disposition.DELIVERED, Disposition.REDIRECT)


class Trace(Struct, frozen=True, kw_only=True):
    id: Any
    request: Any
    paths: tuple[Path, ...]
    assumptions: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    version: int = 1

    @property
    def is_well(self) -> bool:
        """Whether every possible path is."""
        return bool(self.paths) and all(path.is_well for path in self.paths)
