"""What is wrong with a proxy at first sight: refused or warming configuration, missed updates, certificates, its own state.

References to things that do not exist are no fault by themselves: istiod sends many that no request takes.
https://www.envoyproxy.io/docs/envoy/latest/api-v3/admin/v3/config_dump_shared.proto (UpdateFailureState, ClientResourceStatus)
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct

from meshscope.envoy.resource import CLUSTER, ECDS, ENDPOINTS, ERROR, LISTENER, ROUTES, SECRET, WARMING, Resource
from meshscope.listing.kind import kind_of_name
from meshscope.listing.selection import Selection
from meshscope.location import Location
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.proxy import Proxy

LISTED = {
    LISTENER: "listeners",
    ROUTES: "routes",
    CLUSTER: "clusters",
    ENDPOINTS: "endpoints",
    SECRET: "secrets",
    ECDS: "ecds",
}
"""Kinds of resources that can be refused -> the kinds that list them."""
_SYNC = {"cds": "clusters", "lds": "listeners", "eds": "endpoints", "rds": "routes", "ecds": "ecds"}
_OWNED = {LISTENER: "filterchains", ROUTES: "routes", CLUSTER: "clusters"}
"""Kinds of resources -> the kinds whose rows have the owners of their parts."""
_FEW = (ERROR, WARMING)
"""States that few resources are in."""
_LIVE = ("", "LIVE")


class Severity(StrEnum):
    """How much a fault hurts."""

    ERROR = "error"
    """Requests fail, or the proxy does not do what it was sent."""
    WARNING = "warning"
    """It may be passing, or nothing may depend on it."""


class Fault(Struct, frozen=True):
    """`kind` is the kind whose list shows it, `name` and `state` are those of the resource, "" where the whole proxy is meant.

    `owner` is the Istio object behind the resource, as `VirtualService default/reviews`, "" where it is unknown.
    """

    severity: Severity
    text: str
    kind: str = ""
    name: str = ""
    state: str = ""
    owner: str = ""
    location: Location | None = None


def faults(mesh: Mesh, proxy: Proxy, at: str = "") -> tuple[Fault, ...]:
    """Errors first. `at` is the moment at which certificates are judged, "" the time of capture."""
    every = (
        *_resources(mesh, proxy),
        *_sync(mesh, proxy),
        *_certificates(mesh, proxy, at),
        *_server_state(proxy),
        *_not_captured(proxy),
    )
    return tuple(sorted(every, key=lambda fault: fault.severity is not Severity.ERROR))


def _resources(mesh: Mesh, proxy: Proxy) -> Iterator[Fault]:
    for kind, listed in LISTED.items():
        for resource in proxy.resources(kind, in_effect=False):
            noun = f"{kind.replace('_', ' ')} {resource.name}"
            if resource.state == ERROR or resource.error is not None:
                why = resource.error.details if resource.error else ""
                severity = Severity.ERROR
                text = f"{'an update of ' if resource.in_effect else ''}{noun} was refused{': ' if why else ''}{why}"
            elif resource.state == WARMING:
                severity, text = Severity.WARNING, f"{noun} is warming: it takes no requests yet"
            else:
                continue
            owner = _owner(mesh, proxy, resource)
            yield Fault(severity, text, listed, resource.name, resource.state, owner, resource.location)


def _owner(mesh: Mesh, proxy: Proxy, resource: Resource) -> str:
    """The owner of the first part of a resource that has one."""
    if resource.kind not in _OWNED:
        return ""
    owners = _owners(mesh, proxy, resource.kind, resource.state, "" if resource.state in _FEW else resource.name)
    return owners.get(resource.name, "")


def _owners(mesh: Mesh, proxy: Proxy, kind: str, state: str, name: str) -> dict[str, str]:
    """By the name of the resource; those in a state, of which few are, are read once for all of them."""

    def read() -> dict[str, str]:
        owners: dict[str, str] = {}
        selection = Selection(proxy=proxy.name, state=state, name=name, with_counters=False)
        for row in kind_of_name(_OWNED[kind]).rows(mesh, selection):
            if row.owner:
                owners.setdefault(
                    row.listener if kind == LISTENER else row.route_config if kind == ROUTES else row.name, row.owner
                )
        return owners

    return mesh.derived((_owners, proxy.id, kind, state, name), read)


def _sync(mesh: Mesh, proxy: Proxy) -> Iterator[Fault]:
    found = mesh.synced.get((proxy.id.namespace, proxy.id.name))
    if found is None:
        return
    refusals = dict(found.sync.errors)
    for field, kind in _SYNC.items():
        state = getattr(found.sync, field)
        if state == "error":
            why = refusals.get(field, "")
            yield Fault(Severity.ERROR, f"{field.upper()} was refused{': ' if why else ''}{why}", kind)
        elif state == "stale":
            text = f"{field.upper()} is stale: it has not acknowledged what its control plane sent last"
            yield Fault(Severity.WARNING, text, kind)


def _certificates(mesh: Mesh, proxy: Proxy, at: str) -> Iterator[Fault]:
    if not proxy.resources(SECRET):
        return
    moment = at or "the time of capture"
    for row in kind_of_name("secrets").rows(mesh, Selection(proxy=proxy.name, at=at)):
        if row.valid is False:
            text = f"certificate {row.name} is not valid at {moment} ({row.not_before} to {row.not_after})"
            yield Fault(Severity.ERROR, text, "secrets", row.name, location=row.location)


def _server_state(proxy: Proxy) -> Iterator[Fault]:
    """https://www.envoyproxy.io/docs/envoy/latest/api-v3/admin/v3/server_info.proto (ServerInfo.State)"""
    info = proxy.server_info
    if info is not None and info.state not in _LIVE:
        severity = Severity.WARNING if info.state == "DRAINING" else Severity.ERROR
        why = "it closes its listeners" if info.state == "DRAINING" else "it waits for its first configuration"
        yield Fault(severity, f"Envoy is {info.state}: {why}", "listeners")


def _not_captured(proxy: Proxy) -> Iterator[Fault]:
    for kind in sorted(proxy.not_captured):
        yield Fault(Severity.WARNING, f"{kind} was not captured")
