"""What is wrong with a proxy at first sight: refused, warming or unreadable configuration, missed updates, secrets.

References to things that do not exist are no fault by themselves: istiod sends many that no request takes.
https://www.envoyproxy.io/docs/envoy/latest/api-v3/admin/v3/config_dump_shared.proto (UpdateFailureState, ClientResourceStatus)
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct

from meshscope.envoy.resource import CLUSTER, ECDS, ENDPOINTS, ERROR, LISTENER, ROUTES, SECRET, WARMING, Resource
from meshscope.listing.kinds import secrets
from meshscope.listing.selection import Selection
from meshscope.location import Location
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.proxy import Proxy

_KINDS = (LISTENER, ROUTES, CLUSTER, ENDPOINTS, SECRET, ECDS)
_SYNC = ("cds", "lds", "eds", "rds", "ecds")


class Severity(StrEnum):
    """How much a fault hurts."""

    ERROR = "error"
    """Requests fail, or the proxy does not do what it was sent."""
    WARNING = "warning"
    """It may be passing, or nothing may depend on it."""


class Fault(Struct, frozen=True):
    """`kind` and `name` are those of the resource, "" where the whole proxy is meant."""

    severity: Severity
    text: str
    kind: str = ""
    name: str = ""
    location: Location | None = None


def faults(mesh: Mesh, proxy: Proxy, at: str = "") -> tuple[Fault, ...]:
    """Errors first. `at` is the moment at which certificates are judged, "" the time of capture."""
    every = (
        *_resources(proxy),
        *_sync(mesh, proxy),
        *_certificates(mesh, proxy, at),
        *_not_captured(proxy),
    )
    return tuple(sorted(every, key=lambda fault: fault.severity is not Severity.ERROR))


def _resources(proxy: Proxy) -> Iterator[Fault]:
    for kind in _KINDS:
        for resource in proxy.resources(kind, in_effect=False):
            if resource.state == ERROR:
                why = resource.error.details if resource.error else "Envoy does not say why"
                yield _fault(Severity.ERROR, resource, f"was refused: {why}")
            elif resource.state == WARMING:
                yield _fault(Severity.WARNING, resource, "is warming: it takes no requests yet")


def _fault(severity: Severity, resource: Resource, text: str) -> Fault:
    noun = resource.kind.replace("_", " ")
    return Fault(severity, f"{noun} {resource.name} {text}", resource.kind, resource.name, resource.location)


def _sync(mesh: Mesh, proxy: Proxy) -> Iterator[Fault]:
    found = mesh.synced.get((proxy.id.namespace, proxy.id.name))
    for field in _SYNC if found else ():
        state = getattr(found.sync, field) if found else ""
        if state in ("error", "stale"):
            severity = Severity.ERROR if state == "error" else Severity.WARNING
            yield Fault(severity, f"{field.upper()} is {state}: it does not have what its control plane sent last")


def _certificates(mesh: Mesh, proxy: Proxy, at: str) -> Iterator[Fault]:
    if not proxy.resources(SECRET):
        return
    for row in secrets.rows(mesh, Selection(proxy=proxy.name, at=at)):
        if row.valid is False:
            text = f"certificate {row.name} is not valid at the time of capture (until {row.not_after})"
            yield Fault(Severity.ERROR, text, SECRET, row.name, row.location)


def _not_captured(proxy: Proxy) -> Iterator[Fault]:
    for kind in sorted(proxy.not_captured):
        yield Fault(Severity.WARNING, f"{kind} was not captured")
