from __future__ import annotations

from typing import Any

import pytest

from meshscope.simulation.proxy.local_replies import body_headers, body_of
from meshscope.simulation.request import Headers
from meshscope.xds.route_action import DirectResponseAction

from ..reading import asking, read

LOCATION = ("location", "http://shop.example/")
JSON_TYPE = ("content-type", "application/json")
GRPC = ("content-type", "application/grpc")


@pytest.mark.parametrize(
    ("body", "mutated", "result"),
    [
        ("some body", (), (("content-length", "9"), ("content-type", "text/plain"))),
        ("é€", (), (("content-length", "5"), ("content-type", "text/plain"))),
        ("", (), ()),
        ("", (JSON_TYPE, ("content-length", "7"), LOCATION), (LOCATION,)),
        ("xyz", (LOCATION,), (LOCATION, ("content-length", "3"), ("content-type", "text/plain"))),
        ("xyz", (JSON_TYPE,), (JSON_TYPE, ("content-length", "3"))),
        (
            "xyz",
            (("content-length", "99"), ("x-a", "1")),
            (("content-length", "3"), ("x-a", "1"), ("content-type", "text/plain")),
        ),
        (None, (JSON_TYPE, LOCATION), (LOCATION,)),
    ],
)
def test_length_and_type_come_after_every_mutation(body: str | None, mutated: Headers, result: Headers) -> None:
    assert body_headers(mutated, asking(), 200, body) == result


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (200, "2"),
        (301, "2"),
        (400, "13"),
        (401, "16"),
        (403, "7"),
        (404, "12"),
        (408, "2"),
        (429, "14"),
        (500, "2"),
        (502, "14"),
        (503, "14"),
        (504, "14"),
    ],
)
def test_grpc_reads_the_code_and_the_body_in_its_own_headers(code: int, status: str) -> None:
    told = (GRPC, ("grpc-status", status))
    assert body_headers((), asking("/", GRPC), code, "") == told
    assert body_headers((("content-length", "9"),), asking("/", GRPC), code, 'a~b%é\n"x y') == (
        *told,
        ("grpc-message", 'a%7Eb%25%C3%A9%0A"x y'),
    )
    own = (("grpc-status", "9"), ("grpc-message", "m"))
    assert body_headers(own, asking("/", GRPC), code, "") == (*own, GRPC)


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        ({}, ""),
        ({"body": {"inline_string": "ping"}}, "ping"),
        ({"body": {"inline_bytes": "cGluZw=="}}, "ping"),
        ({"body": {"filename": "/etc/hosts"}}, None),
        ({"body": {"environment_variable": "HOME"}}, None),
        ({"body": {"inline_string": "ping"}, "body_format": {"json_format": {"a": "b"}}}, None),
    ],
)
def test_a_body_that_is_not_in_the_configuration_is_not_guessed(fields: dict[str, Any], body: str | None) -> None:
    assert body_of(read(DirectResponseAction, {"status": 200, **fields})) == body
