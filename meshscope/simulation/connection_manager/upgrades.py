"""Upgrades and CONNECT: the protocol that a request asks for, and whether it is allowed.

https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/http/upgrades
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from msgspec.structs import replace

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.connection_manager.refusal import Refusal
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.endings import End
from meshscope.simulation.local_reply import local_reply
from meshscope.simulation.outcome import PLAIN, Outcome, StageContext
from meshscope.simulation.trace import StepKind
from meshscope.xds.http_connection_manager import HttpConnectionManager, UpgradeConfig


class Upgrade(Protocol):
    """An entry of `upgrade_configs`, of a route or of a connection manager."""

    @property
    def upgrade_type(self) -> str: ...
    @property
    def enabled(self) -> bool | None: ...


def from_extended_connect(request: HttpRequest) -> HttpRequest:
    """The HTTP/1 upgrade that Envoy's HTTP/2 codec makes of an extended CONNECT; any other request as it is."""
    protocol = "".join(request.values(":protocol"))
    if request.method != "CONNECT" or protocol in ("", "bytestream"):
        return request
    others = tuple(header for header in request.headers if header[0] != ":protocol")
    return replace(request, method="GET", headers=(*others, ("connection", "upgrade"), ("upgrade", protocol)))


def to_extended_connect(request: HttpRequest) -> HttpRequest:
    """The extended CONNECT that Envoy sends to an HTTP/2 upstream for an upgrade; any other request as it is."""
    protocol = request.upgrade
    if not protocol or request.method == "CONNECT":
        return request
    others = tuple(header for header in request.headers if header[0] not in ("connection", "upgrade"))
    return replace(request, method="CONNECT", headers=(*others, (":protocol", protocol)))


def is_allowed(protocol: str, manager: Iterable[Upgrade], route: Iterable[Upgrade] = ()) -> bool:
    """The route's entry for the protocol decides, else the connection manager's. Case does not matter."""
    for configs in (route, manager):
        for config in configs:
            if config.upgrade_type.lower() == protocol.lower():
                return config.enabled is not False
    return False


def filters_entry(protocol: str, manager: HttpConnectionManager, *, has_route: bool) -> UpgradeConfig | None:
    """The connection manager's entry that has its own HTTP filters for the protocol; None where all others serve.

    An upgrade that is allowed runs through them, whoever allows it; without a route the entry itself must allow it.
    """
    for config in manager.upgrade_configs:
        if config.upgrade_type.lower() == protocol.lower():
            return config if config.filters and (has_route or config.enabled is not False) else None
    return None


def check_upgrade(
    request: HttpRequest,
    manager: HttpConnectionManager,
    route: Iterable[Upgrade] = (),
    stage: StageContext = PLAIN,
) -> Outcome[HttpRequest]:
    """The request or its refusal. Envoy checks only requests with a route; the others go on to their 404."""
    protocol = request.upgrade
    if not protocol or is_allowed(protocol, manager.upgrade_configs, route):
        return Outcome(request)
    refusal = Refusal(
        End(Disposition.PROTOCOL_ERROR, local_reply(request, 403, "upgrade_failed")),
        f"upgrade {protocol}: neither the route's nor the connection manager's upgrade_configs allow it",
    )
    return refusal.outcome(StepKind.CONNECTION_MANAGER, stage)
