"""What a request leaves open, completed."""

from __future__ import annotations

import pytest

from meshscope.errors import UsageError
from meshscope.mesh.network.network import Network
from meshscope.simulation.journey.completion import completed
from meshscope.simulation.journey.source import OUTSIDE
from meshscope.simulation.request import Request

from ...mesh.meshes import bootstrap, captured, dump, manifest, mesh_of

SERVICE = manifest("Service", "shop", spec={"clusterIP": "10.96.0.1", "ports": [{"name": "http", "port": 9080}]})
NETWORK = mesh_of(dump(bootstrap()), captured("shop.json", SERVICE)).network


@pytest.mark.parametrize(
    ("dest", "to", "authority", "port"),
    [
        ("http://a.example/x", "", "a.example", 80),
        ("http://a.example:80/x", "", "a.example", 80),
        ("https://a.example/x", "", "a.example", 443),
        ("https://a.example:443/x", "", "a.example", 443),
        ("https://a.example:80/x", "", "a.example:80", 80),
        ("http://a.example:8080/x", "", "a.example:8080", 8080),
        ("http://a.example/x", "10.0.0.1:8080", "a.example", 8080),
        ("http://a.example:9090/x", "10.0.0.1:8080", "a.example:9090", 8080),
        ("https://a.example/x", "10.0.0.1:8443", "a.example", 8443),
        ("grpc://a.example:80/x.Y/z", "", "a.example:80", 80),
        ("grpc://a.example/x.Y/z", "", "a.example", 80),
        ("http://[fd00::1]:8080/x", "", "[fd00::1]:8080", 8080),
        ("http://[fd00::1]/x", "10.0.0.1:8080", "[fd00::1]", 8080),
        ("shop.shop", "", "shop.shop:9080", 9080),
        ("shop.shop:9080/x", "10.0.0.1:8080", "shop.shop:9080", 8080),
        ("shop.shop/x", "10.0.0.1:8080", "shop.shop", 8080),
        ("shop.shop/x", "10.0.0.1", "shop.shop:9080", 9080),
    ],
)
def test_the_authority_is_curls_and_to_moves_the_connection_alone(
    dest: str, to: str, authority: str, port: int
) -> None:
    """As `curl --connect-to` sends it: the URL's host, and its port unless it is the scheme's."""
    question = completed(Request(dest=dest, to=to, protocol="http1"), OUTSIDE, NETWORK)
    assert question.http is not None
    assert (question.http.authority, question.port) == (authority, port)


def test_a_host_that_is_given_is_the_authority() -> None:
    question = completed(Request(dest="http://a.example/x", authority="b:1", to="10.0.0.1:8080"), OUTSIDE, NETWORK)
    assert question.http is not None
    assert question.http.authority == "b:1"


def test_a_protocol_makes_an_extended_connect_over_http2_and_other_pseudo_headers_are_left_out() -> None:
    headers = ((":protocol", "websocket"), (":path", "/y"), ("x-a", "1"))
    http = completed(Request(dest="http://a.example/x", headers=headers), OUTSIDE, NETWORK).http
    assert http is not None
    assert (http.method, http.path, http.protocol) == ("CONNECT", "/x", "http2")
    assert http.headers == ((":protocol", "websocket"), ("x-a", "1"))
    plain = completed(Request(dest="http://a.example/x", headers=headers[1:]), OUTSIDE, NETWORK).http
    assert plain is not None
    assert (plain.method, plain.protocol) == ("GET", "http1")


@pytest.mark.parametrize(
    ("dest", "tls", "scheme", "expected"),
    [
        ("", True, "", "https"),
        ("", False, "", "http"),
        ("", None, "", "http"),
        ("", True, "http", "http"),
        ("http://a.example/", True, "", "http"),
        ("https://a.example/", None, "", "https"),
        ("https://a.example/", False, "", "https"),
    ],
)
def test_a_scheme_that_is_not_said_is_that_of_the_connection(
    dest: str, tls: bool | None, scheme: str, expected: str
) -> None:
    request = Request(dest=dest, to="10.0.0.1:80", tls=tls, scheme=scheme, authority="a", protocol="http2")
    http = completed(request, OUTSIDE, NETWORK).http
    assert http is not None
    assert (http.scheme, http.authority) == (expected, "a")


@pytest.mark.parametrize(
    ("dest", "protocol", "tls", "method"),
    [
        ("grpc://shop.shop:9080/x.Y/z", "http2", False, "POST"),
        ("http://shop.shop:9080/", "http1", False, "GET"),
        ("tcp://shop.shop:9080", "tcp", False, None),
        ("tls://shop.shop:9080", "tcp", True, None),
        ("wss://shop.shop:9080/", "http1", True, "GET"),
    ],
)
def test_a_scheme_says_what_the_client_speaks(dest: str, protocol: str, tls: bool, method: str | None) -> None:
    question = completed(Request(dest=dest), OUTSIDE, NETWORK)
    assert (question.protocol, question.tls, question.http and question.http.method) == (protocol, tls, method)
    assert question.http is None or question.http.scheme in ("http", "https")


def test_a_grpc_client_says_that_it_is_one() -> None:
    http = completed(Request(dest="grpc://a.example/x.Y/z", headers=(("te", "x"),)), OUTSIDE, NETWORK).http
    assert http is not None
    assert http.headers == (("te", "x"), ("content-type", "application/grpc"))


def ports(*numbers: int) -> Network:
    listed = [{"name": f"http-{number}", "port": number} for number in numbers]
    service = manifest("Service", "shop", spec={"clusterIP": "10.96.0.1", "ports": listed})
    return mesh_of(dump(bootstrap()), captured("shop.json", service)).network


def test_of_several_ports_curls_is_taken_and_that_is_said() -> None:
    question = completed(Request(dest="shop.shop"), OUTSIDE, ports(8081, 443, 80))
    said = "shop has several ports: 8081 (http-8081), 443 (http-443), 80 (http-80); taking 80"
    assert (question.port, question.assumption) == (80, said)
    assert completed(Request(dest="shop.shop"), OUTSIDE, ports(8081, 443)).port == 443
    assert completed(Request(dest="shop.shop:443"), OUTSIDE, ports(8081, 443)).assumption == ""
    with pytest.raises(UsageError, match="several ports"):
        completed(Request(dest="shop.shop"), OUTSIDE, ports(8081, 8082))


def test_a_connection_without_http_needs_a_port() -> None:
    with pytest.raises(UsageError, match="has no port"):
        completed(Request(dest="tcp://a.example"), OUTSIDE, NETWORK)
    assert completed(Request(dest="tls://shop.shop"), OUTSIDE, NETWORK).port == 9080


def test_an_address_alone_is_a_connection_and_where_http_was_hardly_not_meant_that_is_said() -> None:
    found = completed(Request(dest="10.0.0.9:9080"), OUTSIDE, NETWORK)
    said = "10.0.0.9:9080 is a connection without HTTP; http://10.0.0.9:9080/ asks the same as HTTP"
    assert (found.protocol, found.assumption) == ("tcp", said)
    for other in (Request(dest="10.0.0.9:5432"), Request(dest="tcp://10.0.0.9:9080"), Request(dest="10.0.0.9:9080/x")):
        assert completed(other, OUTSIDE, NETWORK).assumption == ""
