"""A pasted curl command becomes the request that curl would send."""

from __future__ import annotations

import pytest

from meshscope.errors import UsageError
from meshscope.simulation.journey.curl import parse_curl


def test_method_headers_and_host() -> None:
    found = parse_curl("curl -sS -XPUT -H 'End-User: jason' -H 'Host: shop' https://10.0.0.1:8443/a?b=c")
    assert (found.method, found.dest, found.authority) == ("PUT", "https://10.0.0.1:8443/a?b=c", "shop")
    assert found.headers == (("end-user", "jason"),)


@pytest.mark.parametrize(
    ("text", "method", "dest"),
    [
        ("curl shop/x", "GET", "http://shop/x"),
        ("curl -d a=1 shop/x", "POST", "http://shop/x"),
        ("curl -G -d a=1 -d b=2 shop/x", "GET", "http://shop/x?a=1&b=2"),
        ("curl -I shop", "HEAD", "http://shop"),
        ("curl -o /dev/null \\\n -w '%{http_code}' --max-time=3 --url shop", "GET", "http://shop"),
    ],
)
def test_data_and_switches(text: str, method: str, dest: str) -> None:
    found = parse_curl(text)
    assert (found.method, found.dest) == (method, dest)


def test_a_query_carries_no_form_type_but_a_body_does() -> None:
    assert parse_curl("curl -G -d a=1 shop").headers == ()
    assert parse_curl("curl -d a=1 shop").headers == (("content-type", "application/x-www-form-urlencoded"),)


def test_resolve_is_the_original_destination() -> None:
    assert parse_curl("curl --resolve shop:80:10.0.0.7,10.0.0.8 http://shop").to == "10.0.0.7:80"
    assert parse_curl("curl --resolve shop:80:[fd00::7] http://shop").to == "[fd00::7]:80"


@pytest.mark.parametrize("text", ["", "curl", "curl -H", "curl 'a", "curl a b", "curl --resolve shop http://shop"])
def test_what_is_no_curl_command_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="curl: "):
        parse_curl(text)
