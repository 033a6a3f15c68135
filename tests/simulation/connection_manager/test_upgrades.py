from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.connection_manager.upgrades import (
    check_upgrade,
    filters_entry,
    from_extended_connect,
    to_extended_connect,
)
from meshscope.simulation.endings import End
from meshscope.xds.extension import Extension
from meshscope.xds.http_connection_manager import HttpConnectionManager, UpgradeConfig
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
    ],
)
def test_an_upgrade_needs_both_headers_or_connect(request_: HttpRequest, protocol: str) -> None:
    assert request_.upgrade == protocol


def test_an_extended_connect_is_an_upgrade_and_plain_connect_is_none() -> None:
    websocket = asking("/", (":protocol", "websocket"), ("a", "1"), method="CONNECT", protocol="http2")
    upgrade = from_extended_connect(websocket)
    assert (upgrade.method, upgrade.upgrade) == ("GET", "websocket")
    assert upgrade.headers == (("a", "1"), ("connection", "upgrade"), ("upgrade", "websocket"))
    for protocol in ((), ((":protocol", "bytestream"),)):
        request = asking("/", *protocol, method="CONNECT", protocol="http2")
        assert from_extended_connect(request) is request


@given(st.sampled_from(("websocket", "connect-udp", "Foo")), st.booleans())
def test_an_upgrade_survives_an_http2_connection(protocol: str, with_header: bool) -> None:
    others = (("a", "1"),) if with_header else ()
    upgrade = asking("/", *others, ("connection", "upgrade"), ("upgrade", protocol))
    sent = to_extended_connect(upgrade)
    assert (sent.method, sent.values("upgrade"), sent.values("connection")) == ("CONNECT", (), ())
    assert from_extended_connect(sent) == upgrade


def test_a_request_without_an_upgrade_is_sent_as_it_is() -> None:
    for request in (asking(), asking("/", ("upgrade", "websocket")), asking(method="CONNECT")):
        assert to_extended_connect(request) is request


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


@pytest.mark.parametrize(
    ("protocol", "enabled", "has_route", "own"),
    [
        ("websocket", None, True, True),
        ("WebSocket", None, False, True),
        ("websocket", False, True, True),
        ("websocket", False, False, False),
        ("CONNECT", None, True, False),
    ],
)
def test_an_upgrade_has_filters_of_its_own_where_its_entry_lists_some(
    protocol: str, enabled: bool | None, has_route: bool, own: bool
) -> None:
    """`enabled: false` keeps them from a request without a route alone: with one, the route has allowed the upgrade."""
    entry = UpgradeConfig(upgrade_type="websocket", enabled=enabled, filters=(Extension(name="f"),))
    manager = HttpConnectionManager(upgrade_configs=(entry, UpgradeConfig(upgrade_type="CONNECT")))
    assert filters_entry(protocol, manager, has_route=has_route) is (entry if own else None)
