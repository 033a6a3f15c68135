from __future__ import annotations

from typing import Any

import pytest

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.connection_manager.upgrades import check_upgrade, upgrade_type
from meshscope.simulation.endings import End
from meshscope.xds.http_connection_manager import HttpConnectionManager
from meshscope.xds.route_action import RouteUpgradeConfig

from ..reading import asking, read

WEBSOCKET = asking("/", ("connection", "keep-alive, Upgrade"), ("upgrade", "WebSocket"))


@pytest.mark.parametrize(
    ("request_", "protocol"),
    [
        (asking(), ""),
        (WEBSOCKET, "WebSocket"),
        (asking("/", ("upgrade", "websocket")), ""),
        (asking("/", ("connection", "upgrade"), ("upgrade", "h2c")), ""),
        (asking("/", ("connection", "upgrade"), ("upgrade", "h2c, websocket")), "h2c, websocket"),
        (asking(method="CONNECT"), "CONNECT"),
        (asking("/", (":protocol", "connect-udp"), method="CONNECT", protocol="http2"), "connect-udp"),
    ],
)
def test_an_upgrade_needs_both_headers_or_connect(request_: HttpRequest, protocol: str) -> None:
    assert upgrade_type(request_) == protocol


def entry(**fields: Any) -> dict[str, Any]:
    return {"upgrade_type": "websocket", **fields}


@pytest.mark.parametrize(
    ("manager", "route", "allowed"),
    [
        ([], [], False),
        ([entry()], [], True),
        ([entry(upgrade_type="foo")], [], False),
        ([entry(enabled=False)], [], False),
        ([], [entry()], True),
        ([entry(enabled=False)], [entry(enabled=True)], True),
        ([entry()], [entry(enabled=False)], False),
        ([entry()], [entry(upgrade_type="foo", enabled=False)], True),
    ],
)
def test_the_routes_upgrade_configs_override_the_managers(
    manager: list[dict[str, Any]], route: list[dict[str, Any]], *, allowed: bool
) -> None:
    config = read(HttpConnectionManager, {"upgrade_configs": manager})
    outcome = check_upgrade(WEBSOCKET, config, tuple(read(RouteUpgradeConfig, each) for each in route))
    assert isinstance(outcome.value, HttpRequest) is allowed
    if isinstance(outcome.value, End):
        assert outcome.value.response is not None
        assert (outcome.value.response.code, outcome.value.response.details) == (403, "upgrade_failed")


def test_a_request_without_an_upgrade_passes() -> None:
    assert check_upgrade(asking(), HttpConnectionManager()).value == asking()
