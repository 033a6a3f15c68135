from __future__ import annotations

import pytest

from meshscope.simulation.journey.curl import parse_curl
from meshscope.simulation.journey.field_error import FieldError


@pytest.mark.parametrize(
    ("option", "to", "tls"),
    [
        ("-x http://127.0.0.1:3128", "127.0.0.1:3128", False),
        ("-x127.0.0.1:3128", "127.0.0.1:3128", False),
        ("--proxy 10.0.0.1", "10.0.0.1:1080", False),
        ("--proxy=http://localhost:3128/", "127.0.0.1:3128", False),
        ("-x http://me:secret@10.0.0.1:3128", "10.0.0.1:3128", False),
        ("-x https://10.0.0.1", "10.0.0.1:443", True),
        ("-x http://[fd00::1]:3128", "[fd00::1]:3128", False),
    ],
)
def test_the_request_goes_to_the_proxy_with_the_urls_host(option: str, to: str, tls: bool) -> None:
    request = parse_curl(f"curl {option} -H 'Host: other' http://a.example/x")
    assert (request.to, request.tls, request.dest, request.method) == (to, tls, "http://a.example/x", "GET")
    assert request.authority is None


def test_what_is_tunnelled_is_asked_for_by_connect() -> None:
    request = parse_curl("curl -x http://10.0.0.1:3128 -A me -H 'x: 1' https://a.example/x")
    assert (request.method, request.authority, request.to, request.tls) == (
        "CONNECT",
        "a.example:443",
        "10.0.0.1:3128",
        False,
    )
    assert request.headers == (("user-agent", "me"),)
    assert parse_curl("curl -p -x http://10.0.0.1:3128 http://a.example/x").authority == "a.example:80"


def test_without_a_proxy_nothing_changes() -> None:
    request = parse_curl("curl -x '' -H 'Host: other' https://a.example/x")
    assert (request.to, request.tls, request.authority, request.method) == ("", None, "other", "GET")


@pytest.mark.parametrize("proxy", ["socks5://10.0.0.1", "http://proxy.example:3128", "http://"])
def test_a_proxy_that_cannot_be_asked_is_an_error(proxy: str) -> None:
    with pytest.raises(FieldError):
        parse_curl(f"curl -x {proxy} http://a.example/")
