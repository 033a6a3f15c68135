from __future__ import annotations

import pytest

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.endings import NO_ROUTE
from meshscope.simulation.route.require_tls import tls_redirect
from meshscope.xds.route import VirtualHost

HTTP, HTTPS, EMPTY = (("x-forwarded-proto", "http"),), (("x-forwarded-proto", "https"),), (("x-forwarded-proto", ""),)


def ends(require_tls: str, request: HttpRequest) -> bool:
    return tls_redirect(VirtualHost(require_tls=require_tls), request) is not None


@pytest.mark.parametrize("required", ["ALL", "all"])
def test_the_redirect_keeps_port_path_and_query(required: str) -> None:
    request = HttpRequest(authority="a.com:8080", path="/x?q=1", headers=HTTP)
    end = tls_redirect(VirtualHost(require_tls=required), request)
    assert end is not None
    assert end.response is not None
    assert (end.disposition, end.response.code, end.response.details) == ("redirect", 301, "direct_response")
    assert end.response.location == "https://a.com:8080/x?q=1"


@pytest.mark.parametrize(
    ("required", "request_", "redirected"),
    [
        ("ALL", HttpRequest(headers=HTTPS), False),
        ("ALL", HttpRequest(headers=HTTP, internal=True), True),
        ("EXTERNAL_ONLY", HttpRequest(headers=HTTP, internal=True), False),
        ("EXTERNAL_ONLY", HttpRequest(headers=HTTP), True),
        ("NONE", HttpRequest(headers=HTTP), False),
        ("ALL", HttpRequest(scheme="https", headers=HTTP), True),
        ("ALL", HttpRequest(scheme="https"), False),
        ("ALL", HttpRequest(scheme="http"), True),
    ],
)
def test_it_looks_at_x_forwarded_proto(required: str, request_: HttpRequest, redirected: bool) -> None:
    assert ends(required, request_) == redirected


def test_an_empty_x_forwarded_proto_finds_no_route() -> None:
    assert tls_redirect(VirtualHost(), HttpRequest(headers=EMPTY)) == NO_ROUTE


def test_a_connect_without_a_path_is_led_nowhere() -> None:
    end = tls_redirect(VirtualHost(require_tls="ALL"), HttpRequest(method="CONNECT", path="", headers=HTTP))
    assert end is not None
    assert end.response is not None
    assert (end.response.code, end.response.location) == (301, None)
