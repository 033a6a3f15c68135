from __future__ import annotations

import pytest

from meshscope.simulation.connection import Connection, HttpRequest
from meshscope.simulation.connection_manager.connect_udp import asks_for_udp, with_target
from meshscope.simulation.connection_manager.request_checks import check_request
from meshscope.simulation.endings import End
from meshscope.xds.http_connection_manager import HttpConnectionManager

from ..reading import asking, read

WELL_KNOWN = "/.well-known/masque/udp/"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ((("upgrade", "Connect-UDP"),), True),
        ((("connection", "upgrade"), ("upgrade", "connect-udp")), True),
        ((("connection", "upgrade"), ("upgrade", "connect-udp, websocket")), False),
        ((), False),
    ],
)
def test_the_upgrade_alone_asks_for_it(headers: tuple[tuple[str, str], ...], *, expected: bool) -> None:
    assert asks_for_udp(asking("/", *headers)) is expected


@pytest.mark.parametrize(
    ("target", "authority"),
    [
        ("h%2Eexample/81/", "h.example:81"),
        ("2001%3adb8%3a%3a42/443/", "[2001:db8::42]:443"),
        ("[::1]/8%30/", "[::1]:80"),
        ("a/x/", "a:x"),
        ("a%25/80/", None),
        ("%zz/80/", None),
        ("a/80", None),
        ("/80/", None),
        ("a/80/?x", None),
    ],
)
def test_the_target_of_the_path_is_the_authority(target: str, authority: str | None) -> None:
    found = with_target(asking(WELL_KNOWN + target))
    assert (found.authority if found else None) == authority


def test_another_path_is_refused_before_it_is_normalised() -> None:
    manager = read(HttpConnectionManager, {"path_with_escaped_slashes_action": "REJECT_REQUEST"})
    end = check_request(manager, asking("/a%2fb", ("upgrade", "connect-udp")), Connection()).value
    assert isinstance(end, End)
    assert end.response is not None
    assert (end.response.code, end.response.details) == (404, "invalid_path")
    passed = check_request(manager, asking(f"{WELL_KNOWN}h/81/", ("upgrade", "connect-udp")), Connection()).value
    assert isinstance(passed, HttpRequest)
    assert passed.authority == "h:81"
