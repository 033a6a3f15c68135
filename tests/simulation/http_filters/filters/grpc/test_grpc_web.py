from __future__ import annotations

import pytest

from ...walks import entry, filter_list, request, request_after

WEB = filter_list(entry("grpc_web.v3.GrpcWeb"))


@pytest.mark.parametrize(
    ("kind", "length", "faults"),
    [
        ("application/grpc-web", "4", 0),
        ("application/grpc-web+proto", "4", 0),
        ("application/grpc-web-text", "4", 2),
        ("application/grpc-web-text+proto", "4", 2),
        ("application/grpc-web-text", "0", 0),
    ],
)
def test_grpc_web_becomes_grpc_and_a_text_body_may_be_refused_later(kind: str, length: str, faults: int) -> None:
    after = request_after(WEB, request("/", ("content-type", kind), ("content-length", length), method="POST"))
    assert after.headers == (
        ("content-type", "application/grpc"),
        ("te", "trailers"),
        ("grpc-accept-encoding", "identity"),
    )
    assert len(after.later) == faults
    assert all(one.code == 400 and one.details.startswith("grpc_base_64_decode_failed") for one in after.later)


@pytest.mark.parametrize(
    "kind", ["application/grpc", "Application/grpc-web", "application/grpc-web+thrift", "text/plain"]
)
def test_any_other_content_type_stays(kind: str) -> None:
    asking = request("/", ("content-type", kind), ("te", "x"), method="POST")
    assert request_after(WEB, asking) == asking
