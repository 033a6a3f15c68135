"""The first mapper whose filter holds changes the status of Envoy's own answer."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from msgspec import Raw

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.endings import End
from meshscope.simulation.http_filters.filter import FilterContext
from meshscope.simulation.proxy.draft import Draft
from meshscope.simulation.proxy.reply_mappers import ReplyMappers
from meshscope.simulation.trace import Direction, Hop, Response


def status(op: str, code: int) -> dict[str, Any]:
    return {"status_code_filter": {"comparison": {"op": op, "value": {"default_value": code, "runtime_key": "k"}}}}


def mapped(*mappers: dict[str, Any], request: HttpRequest | None = None, flags: str = "NR", code: int = 404) -> Draft:
    end = End(Disposition.NO_ROUTE, Response(code=code, flags=flags, details="route_not_found"))
    config = ReplyMappers(Raw(msgspec.json.encode({"mappers": list(mappers)})))
    asked = request or HttpRequest(headers=(("x-a", "1"),))
    return config.applied(Draft(hop=Hop(proxy="p", direction=Direction.STATIC), end=end), asked, FilterContext())


@pytest.mark.parametrize(
    ("filter_", "holds"),
    [
        (status("EQ", 404), True), (status("EQ", 403), False), (status("NE", 403), True), (status("NE", 404), False),
        (status("GE", 404), True), (status("GE", 405), False), (status("LE", 404), True), (status("LE", 403), False),
        ({"response_flag_filter": {"flags": ["NR"]}}, True), ({"response_flag_filter": {"flags": ["NC"]}}, False),
        ({"response_flag_filter": {}}, True),
        ({"header_filter": {"header": {"name": "x-a", "string_match": {"exact": "1"}}}}, True),
        ({"header_filter": {"header": {"name": "x-a", "string_match": {"exact": "2"}}}}, False),
        ({"and_filter": {"filters": [status("EQ", 404), status("GE", 500)]}}, False),
        ({"or_filter": {"filters": [status("EQ", 404), status("GE", 500)]}}, True),
        ({"runtime_filter": {"percent_sampled": {"numerator": 100}}}, True),
        ({"runtime_filter": {"percent_sampled": {"numerator": 0}}}, False),
    ],
)  # fmt: skip
def test_a_filter_decides_whether_its_mapper_counts(filter_: dict[str, Any], holds: bool) -> None:
    found = mapped({"filter": filter_, "status_code": 418})
    assert found.end is not None
    assert found.end.response is not None
    assert found.end.response.code == (418 if holds else 404)
    assert found.end.disposition == "no_route"
    assert found.assuming == ()


def test_only_the_first_mapper_that_holds_counts() -> None:
    add = {"header": {"key": "x-new", "value": "n"}}
    found = mapped(
        {"filter": status("EQ", 404), "headers_to_add": [add]}, {"filter": status("GE", 1), "status_code": 200}
    )
    assert found.end is not None
    assert found.end.response is not None
    assert (found.end.response.code, found.end.response.headers) == (404, (("x-new", "n"),))


@pytest.mark.parametrize(
    "filter_", [{"duration_filter": {}}, {"runtime_filter": {"percent_sampled": {"numerator": 5}}}]
)
def test_a_filter_that_nobody_can_tell_is_an_assumption(filter_: dict[str, Any]) -> None:
    found = mapped({"filter": status("EQ", 500), "status_code": 200}, {"filter": filter_, "status_code": 418})
    assert found.end is not None
    assert found.end.response is not None
    assert found.end.response.code == 404
    assert found.assuming[0].startswith("local_reply_config.mappers[1] leaves the answer as it is")


def test_a_grpc_client_is_always_told_200_and_a_codec_shows_no_flag_and_no_header() -> None:
    grpc = HttpRequest(headers=(("content-type", "application/grpc"),))
    assert mapped({"filter": status("GE", 1), "status_code": 418}, request=grpc, code=200).end == End(
        Disposition.NO_ROUTE, Response(code=200, flags="NR", details="route_not_found")
    )
    for filter_, code in (({"response_flag_filter": {}}, 400), (status("EQ", 400), 418)):
        found = mapped({"filter": filter_, "status_code": 418}, request=grpc, flags="DPE", code=400)
        assert found.end is not None
        assert found.end.response is not None
        assert found.end.response.code == code


@pytest.mark.parametrize("name", [":method", ":path", ":scheme", "x-a"])
@pytest.mark.parametrize(("flags", "code"), [("DPE", 400), ("NR", 418)])
def test_a_header_filter_sees_no_header_of_what_the_codec_refuses(name: str, flags: str, code: int) -> None:
    anything = {"safe_regex": {"regex": ".*"}}
    rule = {"header_filter": {"header": {"name": name, "string_match": anything}}}
    found = mapped({"filter": rule, "status_code": 418}, flags=flags, code=400)
    assert found.end is not None
    assert found.end.response is not None
    assert found.end.response.code == code
