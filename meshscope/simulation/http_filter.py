"""What every HTTP filter of the simulation shares: where it stands, what it sees, and the ways in which it ends.

A filter is made once of its configuration (`Make`) and then asked for each request (`Run`). It lets the request pass,
changed or not, or ends it; what is not modelled passes under an assumption that is said aloud.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from meshscope.location import Location
from meshscope.simulation.connection import Connection, Envoy, HttpRequest
from meshscope.simulation.outcome import End, Outcome
from meshscope.simulation.trace import Response, Step
from meshscope.xds.message import Message
from meshscope.xds.route import Route, RouteConfigurationHead, VirtualHost
from meshscope.xds.route_action import ClusterWeight


class RouteScope(Struct, frozen=True, kw_only=True):
    """The cached route as filters see it; None where nothing was found. `cluster` is the one that the route leads to."""

    table: RouteConfigurationHead | None = None
    virtual_host: VirtualHost | None = None
    route: Route | None = None
    weighted: ClusterWeight | None = None
    cluster: str = ""
    table_location: Location | None = None
    virtual_host_location: Location | None = None
    route_location: Location | None = None
    weighted_location: Location | None = None


NO_ROUTE = RouteScope()


class Scene(Struct, frozen=True, kw_only=True):
    """What a filter sees beside the request.

    `terminates_tls` None: as `connection.tls` says; False where TLS only passes through. `at` is the time of capture
    (RFC 3339, "" unknown). `claims` are those of a token that the user says was accepted. `explain`: steps are wanted.
    """

    connection: Connection = Connection()
    route: RouteScope = NO_ROUTE
    envoy: Envoy = Envoy()
    terminates_tls: bool | None = None
    at: str = ""
    claims: dict[str, Any] | None = None
    explain: bool = True

    @property
    def is_secured(self) -> bool:
        """Whether this proxy ended the client's TLS."""
        return self.connection.tls if self.terminates_tls is None else self.terminates_tls


class Configured(Struct, frozen=True):
    """A configuration and its place."""

    message: Message
    location: Location | None = None


class Site(Struct, frozen=True):
    """One entry of `http_filters`."""

    name: str
    type_name: str
    location: Location | None = None


class Reroute(Struct, frozen=True):
    """The filter lets the request pass and clears the route cache: the route is chosen anew, then filter `resume` is next."""

    request: HttpRequest
    resume: int = 0


Going = Outcome[HttpRequest | Reroute]
Outcomes = tuple[Going, ...]
Run = Callable[[HttpRequest, Scene], Outcomes]
Make = Callable[[Site, Configured, tuple[Configured, ...]], Run]
"""Arguments: the entry, its own configuration, and what routes say instead, the most specific first."""


def step(site: Site, verdict: str, because: str, **more: Any) -> Step:
    """`more` are further fields of the Step; its location is the filter's unless one is given."""
    more.setdefault("location", site.location)
    return Step(kind="http_filter", chosen=site.name, verdict=verdict, because=because, **more)


def passed(request: HttpRequest, scene: Scene, site: Site, because: str = "", **more: Any) -> Outcomes:
    """The filter lets the request pass, which is certain."""
    return (Outcome(request, steps=(step(site, "yes", because, **more),) if scene.explain else ()),)


def assumed(request: HttpRequest, site: Site, because: str, hint: str | None = None, **more: Any) -> Outcomes:
    """Nobody knows what the filter does: it is assumed to let the request pass."""
    assumption = f"{site.name} ({site.type_name or 'type unknown'}) lets the request pass"
    return (Outcome(request, steps=(step(site, "unknown", because, hint=hint, **more),), assuming=(assumption,)),)


def ended(disposition: str, response: Response, site: Site, because: str, **more: Any) -> Outcomes:
    """The filter answers."""
    return (Outcome(End(disposition, response), steps=(step(site, "no", because, **more),)),)


def possible(outcome: Going, condition: str, probability: float | None = None) -> Going:
    """The same under a condition; by default nobody knows how likely."""
    return Outcome(outcome.value, probability, condition, outcome.steps, outcome.assuming)


def shared(branches: Iterable[tuple[bool, float]], words: str, on: Outcomes, off: Outcomes) -> Outcomes:
    """Outcomes of a share of requests and of the rest; `words` name what the share is of. Decided: one of the two."""
    return tuple(
        outcome if chance == 1.0 else joined(_chance(outcome, f"{words} {'on' if holds else 'off'}", chance), outcome)
        for holds, chance in branches
        for outcome in (on if holds else off)
    )


def _chance(outcome: Going, condition: str, chance: float) -> Going:
    return Outcome(outcome.value, chance, condition)


def with_metadata(request: HttpRequest, namespace: str, values: dict[str, Any]) -> HttpRequest:
    """Dynamic metadata as if a filter had set it: merged into what is there."""
    return replace(request, metadata=merged_metadata(request.metadata, namespace, values)) if values else request


def merged_metadata(metadata: dict[str, Any], namespace: str, values: dict[str, Any]) -> dict[str, Any]:
    return {**metadata, namespace: _merged(metadata.get(namespace), values)} if values else metadata


def _merged(old: Any, new: Any) -> Any:
    """Structs merge field by field, lists add up, anything else is replaced."""
    if isinstance(old, dict) and isinstance(new, dict):
        return {**old, **{key: _merged(old.get(key), value) for key, value in new.items()}}
    return [*old, *new] if isinstance(old, list) and isinstance(new, list) else new


def joined(before: Going, after: Going) -> Going:
    """Both one after the other."""
    if after.probability == 1.0 and not (after.steps or after.assuming or after.condition):
        return Outcome(after.value, before.probability, before.condition, before.steps, before.assuming)
    probability = None
    if before.probability is not None and after.probability is not None:
        probability = before.probability * after.probability
    condition = " and ".join(filter(None, (before.condition, after.condition)))
    return Outcome(after.value, probability, condition, before.steps + after.steps, before.assuming + after.assuming)
