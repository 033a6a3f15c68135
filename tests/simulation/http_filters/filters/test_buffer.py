from __future__ import annotations

from typing import Any

import pytest

from meshscope.simulation.endings import End

from ..walks import GRPC, access_log, answer, context, entry, filter_list, outcomes, request, scope, typed


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ((), None),
        ((("content-length", "5"),), None),
        ((("content-length", "6"),), (413, "-", "request_payload_too_large")),
        ((("content-length", "6"), GRPC), (200, "-", "request_payload_too_large")),
    ],
)
def test_a_content_length_beyond_the_limit_is_refused(headers: Any, expected: Any) -> None:
    filters = filter_list(entry("buffer.v3.Buffer", max_request_bytes=5))
    assert access_log(answer(filters, request("/", *headers, method="POST"))) == expected
    off = scope(typed("buffer.v3.BufferPerRoute", disabled=True))
    assert answer(filters, request("/", *headers), context(route=off)) is None


@pytest.mark.parametrize(
    ("protocol", "headers", "refused"),
    [
        ("http1", (("content-length", "6"),), [True]),
        ("http1", (("transfer-encoding", "chunked"),), [False, True]),
        ("http2", (("content-length", "6"),), [False, True]),
        ("http2", (("content-length", "5"),), [False]),
        ("http2", (), [False, True]),
    ],
)
def test_a_body_in_one_frame_of_http2_is_not_buffered(protocol: str, headers: Any, refused: list[bool]) -> None:
    filters = filter_list(entry("buffer.v3.Buffer", max_request_bytes=5))
    found = outcomes(filters, request("/", *headers, method="POST", protocol=protocol))
    assert [isinstance(one.value, End) for one in found] == refused
