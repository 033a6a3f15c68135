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


@pytest.mark.parametrize(
    ("options", "field", "value"),
    [
        ("-H 'X-Empty;'", "headers", (("x-empty", ""),)),
        ("-H 'Accept:'", "headers", ()),
        ("--http2", "protocol", ""),
        ("--http2-prior-knowledge", "protocol", "http2"),
        ("-0", "protocol", "http10"),
        ("--no-alpn", "alpn", ()),
        ("-T file", "method", "PUT"),
        ("-r 0-9", "headers", (("range", "bytes=0-9"),)),
        ("--json '{}'", "headers", (("content-type", "application/json"), ("accept", "application/json"))),
        ("--request-target '*'", "path", "*"),
        ("--unix-socket /run/x", "to", "/run/x"),
        ("--interface 10.0.0.5", "source_ip", "10.0.0.5"),
        ("--interface eth0 -kfsSL --max-time 3", "source_ip", ""),
        ("--cert c.pem", "client_cert", True),
        ("--url-query a=1", "dest", "http://shop/x?a=1"),
        ("--resolve shop:80:10.0.0.7", "to", "10.0.0.7:80"),
        ("--resolve '*:80:10.0.0.7'", "to", "10.0.0.7:80"),
        ("--resolve shop:81:10.0.0.7", "to", ""),
        ("--resolve other:80:10.0.0.7", "to", ""),
        ("--connect-to shop:80:10.0.0.7:8080", "to", "10.0.0.7:8080"),
        ("--connect-to ::10.0.0.7:", "to", "10.0.0.7:80"),
        ("--connect-to other:80:10.0.0.7:8080", "to", ""),
    ],
)
def test_options_that_change_the_request(options: str, field: str, value: object) -> None:
    assert getattr(parse_curl(f"curl {options} http://shop/x"), field) == value


def test_connecting_to_another_name_keeps_the_authority() -> None:
    found = parse_curl("curl --connect-to shop:80:edge.default:8080 http://shop/a?b=c")
    assert (found.dest, found.authority) == ("http://edge.default:8080/a?b=c", "shop")
    found = parse_curl("curl --connect-to shop:81:edge.default: http://shop:81/")
    assert (found.dest, found.authority) == ("http://edge.default:81/", "shop:81")


def test_a_user_in_the_url_is_sent_in_a_header() -> None:
    assert parse_curl("curl http://me:p%40s@shop/x").headers == (("authorization", "Basic bWU6cEBz"),)


def test_http2_over_tls_is_negotiated() -> None:
    assert parse_curl("curl --http2 https://shop/").protocol == "http2"


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("http://shop/a/../b", "http://shop/b"),
        ("http://shop/a/./b/", "http://shop/a/b/"),
        ("http://shop/../../x?y=/../z", "http://shop/x?y=/../z"),
        ("http://shop/a/..", "http://shop/"),
        ("http://shop/a/b/..", "http://shop/a/"),
        ("http://shop/a/b/.", "http://shop/a/b/"),
        ("http://shop/.hidden/..x", "http://shop/.hidden/..x"),
        ("http://shop", "http://shop"),
    ],
)
def test_dots_in_the_path_are_resolved_unless_it_stays_as_it_is(url: str, path: str) -> None:
    assert parse_curl(f"curl '{url}'").dest == path
    assert parse_curl(f"curl --path-as-is '{url}'").dest == url


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("curl --ntlm http://shop", "option --ntlm is not followed"),
        ("curl -K file http://shop", "option --config is not followed"),
        ("curl --haproxy-protocol http://shop", "option --haproxy-protocol is not followed"),
        ("curl --haeder x http://shop", "no option --haeder; did you mean --header"),
        ("curl -H @file http://shop", "reads a file"),
        ("curl -b jar http://shop", "reads a file"),
        ("curl --connect-to a http://shop", "is not host:port:host:port"),
        ("curl --resolve shop:80:name http://shop", "is not host:port:address"),
    ],
)
def test_what_is_not_followed_is_refused(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse_curl(text)
