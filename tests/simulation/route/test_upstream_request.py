from __future__ import annotations

from typing import Any

import pytest

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.headers.substitution import SubstitutionFacts
from meshscope.simulation.route.timeouts import timeouts
from meshscope.simulation.route.upstream_request import UpstreamRequest, as_headers
from meshscope.xds.route import Route, RouteConfiguration, VirtualHost

from ..reading import asking, read


def sent(action: object, request: HttpRequest, host: object = None, **more: Any) -> HttpRequest:
    route = read(Route, {"match": {"prefix": "/"}, "route": action, **more})
    assert route.route is not None
    entry = route.route.weighted_clusters.clusters[0] if route.route.weighted_clusters else None
    way = UpstreamRequest(read(RouteConfiguration, {}), read(VirtualHost, host or {}), route)
    return way.of(
        SubstitutionFacts(request=request), timeouts(route.route, route.route.retry_policy, request), entry
    ).request


def test_the_expected_timeout_tells_what_one_attempt_has_left() -> None:
    assert sent({}, asking()).values("x-envoy-expected-rq-timeout-ms") == ("15000",)
    tried = {"timeout": "3s", "retry_policy": {"per_try_timeout": "1s"}}
    assert sent(tried, asking()).values("x-envoy-expected-rq-timeout-ms") == ("1000",)
    assert sent({"timeout": "0s"}, asking()).values("x-envoy-expected-rq-timeout-ms") == ()


def test_what_the_router_reads_does_not_go_on() -> None:
    request = asking(
        "/", ("x-envoy-retry-on", "5xx"), ("x-envoy-upstream-rq-timeout-ms", "9"), ("x", "1"), internal=True
    )
    assert sent({}, request).headers == (("x", "1"), ("x-envoy-expected-rq-timeout-ms", "9"))


def test_attempts_are_counted_where_the_virtual_host_asks() -> None:
    assert sent({}, asking(), {"include_request_attempt_count": True}).values("x-envoy-attempt-count") == ("1",)
    assert sent({}, asking()).values("x-envoy-attempt-count") == ()


def test_a_weighted_entry_comes_first_and_loses_to_the_route() -> None:
    add = {"header": {"key": "x", "value": "entry"}, "append": False}
    entry = {"name": "c", "weight": 1, "request_headers_to_add": [add], "host_rewrite_literal": "w.example"}
    weighted = {"weighted_clusters": {"clusters": [entry]}}
    assert sent(weighted, asking()).values("x") == ("entry",)
    assert sent(weighted, asking()).authority == "w.example"
    over = [{"header": {"key": "x", "value": "%REQ(:authority)%"}, "append": False}]
    request = sent({**weighted, "host_rewrite_literal": "r.example"}, asking(), request_headers_to_add=over)
    assert (request.values("x"), request.authority) == (("w.example",), "r.example")
    assert request.values("x-envoy-original-host") == ("w.example",)


def test_header_mutations_see_the_path_before_its_rewrite() -> None:
    copy = [{"header": {"key": "x-path", "value": "%REQ(:path)%"}}]
    request = sent({"prefix_rewrite": "/new"}, asking("/a"), request_headers_to_add=copy)
    assert (request.path, request.values("x-path")) == ("/newa", ("/a",))


def test_a_grpc_deadline_is_what_the_route_leaves_of_it() -> None:
    grpc = asking("/", ("content-type", "application/grpc"), ("grpc-timeout", "700m"))
    assert sent({"max_grpc_timeout": "2s", "grpc_timeout_offset": "0.5s"}, grpc).values("grpc-timeout") == ("200m",)
    limited = {"max_stream_duration": {"grpc_timeout_header_max": "0.1s"}}
    assert sent(limited, grpc).values("grpc-timeout") == ("100m",)
    assert sent({}, grpc).values("grpc-timeout") == ("700m",)


@pytest.mark.parametrize(
    ("duration", "asked", "sent_on"),
    [
        ({"max_stream_duration": "0.4s"}, "300m", ("400m",)),
        ({"max_stream_duration": "0.4s"}, None, ("400m",)),
        ({"max_stream_duration": "0.4s", "grpc_timeout_header_max": "1s"}, "300m", ("300m",)),
        ({"max_stream_duration": "0.4s", "grpc_timeout_header_max": "1s"}, None, ("400m",)),
        ({"max_stream_duration": "0s"}, "300m", ("300m",)),
        ({"grpc_timeout_header_max": "1s"}, "unreadable", ("unreadable",)),
        ({"grpc_timeout_header_max": "1s"}, "300001u", ("301m",)),
        ({}, None, ()),
    ],
)
def test_the_limit_of_a_stream_is_its_grpc_deadline(
    duration: object, asked: str | None, sent_on: tuple[str, ...]
) -> None:
    headers = (("grpc-timeout", asked),) if asked else ()
    grpc = asking("/", ("content-type", "application/grpc"), *headers)
    assert sent({"max_stream_duration": duration}, grpc).values("grpc-timeout") == sent_on
    other = asking("/", *headers)
    assert sent({"max_stream_duration": duration}, other).values("grpc-timeout") == tuple(v for _, v in headers)


def test_a_header_that_envoy_holds_once_goes_on_once() -> None:
    sent_on = as_headers(asking("/", ("origin", "a"), ("x", "1"), ("origin", ""), ("origin", "b"), ("x", "2")))
    assert sent_on[4:] == (("origin", "a,b"), ("x", "1"), ("x", "2"))


def test_pseudo_headers_stand_before_the_others() -> None:
    assert as_headers(asking("/a", ("x", "1"))) == (
        (":authority", "shop.example"),
        (":path", "/a"),
        (":method", "GET"),
        (":scheme", "http"),
        ("x", "1"),
    )


def test_a_suppressing_router_tells_the_upstream_nothing_of_its_own() -> None:
    route = read(Route, {"match": {"prefix": "/"}, "route": {"prefix_rewrite": "/new", "host_rewrite_literal": "h"}})
    way = UpstreamRequest(read(RouteConfiguration, {}), read(VirtualHost, {}), route)
    assert route.route is not None
    request, limits = asking("/a", ("x-envoy-retry-on", "5xx")), timeouts(route.route, None, asking())
    told = {"x-envoy-expected-rq-timeout-ms", "x-envoy-original-path", "x-envoy-original-host"}
    facts = SubstitutionFacts(request=request)
    assert {name for name, _ in way.of(facts, limits).request.headers} == told
    quiet = way.suppressed.of(facts, limits).request
    assert (quiet.path, quiet.authority, quiet.headers) == ("/newa", "h", ())
