from __future__ import annotations

import pytest

from meshscope.simulation.http_filters.body import body_length, has_body

from .walks import request


@pytest.mark.parametrize(
    ("protocol", "method", "headers", "there", "length"),
    [
        ("http1", "POST", (), False, 0),
        ("http1", "POST", (("content-length", "0"),), False, 0),
        ("http1", "POST", (("content-length", "4"),), True, 4),
        ("http1", "POST", (("transfer-encoding", "chunked"),), True, None),
        ("http2", "GET", (), False, 0),
        ("http2", "POST", (), None, None),
        ("http2", "POST", (("content-length", "4"),), True, 4),
    ],
)
def test_headers_and_protocol_say_whether_there_is_a_body(
    protocol: str, method: str, headers: tuple[tuple[str, str], ...], there: bool | None, length: int | None
) -> None:
    asking = request("/", *headers, method=method, protocol=protocol)
    assert (has_body(asking), body_length(asking)) == (there, length)


def test_what_a_filter_makes_of_the_headers_does_not_change_the_body() -> None:
    asking = request("/", method="POST", body="yes")
    assert (has_body(asking), body_length(asking)) == (True, None)
