"""The answer: a Trace of paths, each of Hops (one proxy each), each of Steps (one decision each). Its JSON is a contract.

`assuming` lists what a path takes for granted because it is not modelled or not captured; such a path's disposition is
`unknown` and `if_passed` says how it ends if every assumption holds. `problems` are documents of the proxies on the way
that were asked for and did not come.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from meshscope.location import Location
from meshscope.simulation.request import Headers
from meshscope.snapshot.snapshot import Problem


class Rejected(Struct, frozen=True):
    """A candidate that lost, with the first predicate that failed. `near` orders near misses: the less, the nearer."""

    name: str
    because: str
    location: Location | None = None
    near: int = 99


class Step(Struct, frozen=True, kw_only=True):
    """One decision. `verdict` is yes, no or unknown; `hint` says what to pass to decide what is unknown."""

    kind: str
    chosen: str = ""
    verdict: str = "yes"
    because: str = ""
    rejected: tuple[Rejected, ...] = ()
    owner: str | None = None
    location: Location | None = None
    hint: str | None = None


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
    num_retries: int
    per_try_timeout: str | None = None
    retry_on: str = ""


class Tls(Struct, frozen=True):
    """The upstream side. `mode` is DISABLE, SIMPLE, MUTUAL or ISTIO_MUTUAL."""

    mode: str
    sni: str = ""
    sans: tuple[str, ...] = ()


class Hop(Struct, frozen=True, kw_only=True):
    """One proxy. Null fields were not reached or do not apply; `rewritten` holds only what changed."""

    proxy: str
    direction: str
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
    mesh_cluster: str | None = None
    view: str | None = None


class Response(Struct, frozen=True, kw_only=True):
    """What the deciding proxy's access log would say. `code` 0: closed without an answer."""

    code: int
    flags: str = "-"
    details: str = ""
    location: str | None = None
    headers: Headers = ()


class Path(Struct, frozen=True, kw_only=True):
    """One possible outcome. `probability` None: possible, but nobody can know how likely. `others`: outcomes left out."""

    probability: float | None
    disposition: str
    response: Response | None
    hops: tuple[Hop, ...]
    assuming: tuple[str, ...] = ()
    if_passed: str | None = None
    others: int | None = None


class Trace(Struct, frozen=True, kw_only=True):
    id: Any
    request: Any
    paths: tuple[Path, ...]
    assumptions: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    version: int = 1
