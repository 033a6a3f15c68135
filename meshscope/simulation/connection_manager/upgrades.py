"""Upgrades and CONNECT: what a request asks for, and whether it gets it.

https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/http/upgrades
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.connection_manager.refusal import Refusal
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.endings import End
from meshscope.simulation.local_reply import local_reply
from meshscope.simulation.outcome import PLAIN, Outcome, StageContext
from meshscope.simulation.trace import StepKind
from meshscope.xds.http_connection_manager import HttpConnectionManager


class Upgrade(Protocol):
    """An entry of `upgrade_configs`, of a route or of a connection manager."""

    @property
    def upgrade_type(self) -> str: ...
    @property
    def enabled(self) -> bool | None: ...


def upgrade_type(request: HttpRequest) -> str:
    """What a request asks to be upgraded to, as it is written; "" for none. `h2c` is no upgrade for Envoy."""
    if request.method == "CONNECT":
        return next(iter(request.values(":protocol")), "CONNECT")
    kind = ",".join(request.values("upgrade"))
    if not kind:
        return ""
    tokens = (token.strip().lower() for token in ",".join(request.values("connection")).split(","))
    return kind if kind.lower() != "h2c" and "upgrade" in tokens else ""


def upgrade_allowed(asked: str, manager: Iterable[Upgrade], route: Iterable[Upgrade] = ()) -> bool:
    """The route's entry decides where it has one for this type, else the connection manager's. Case does not matter."""
    for configs in (route, manager):
        for config in configs:
            if config.upgrade_type.lower() == asked.lower():
                return config.enabled is not False
    return False


def upgrade_refused(
    request: HttpRequest,
    manager: HttpConnectionManager,
    route: Iterable[Upgrade] = (),
    stage: StageContext = PLAIN,
) -> Outcome[HttpRequest]:
    """To ask once a route was found; without a route the request goes on to its 404."""
    asked = upgrade_type(request)
    if not asked or upgrade_allowed(asked, manager.upgrade_configs, route):
        return Outcome(request)
    refusal = Refusal(
        End(Disposition.PROTOCOL_ERROR, local_reply(request, 403, "upgrade_failed")),
        f"upgrade {asked}: neither the route's nor the connection manager's upgrade_configs allow it",
    )
    return refusal.outcome(StepKind.CONNECTION_MANAGER, stage)
