from __future__ import annotations

import pytest

from ...walks import entry, filter_list, request, request_after

BRIDGE = filter_list(entry("connect_grpc_bridge.v3.FilterConfig"))


def test_streaming_unary_and_get_become_grpc() -> None:
    streaming = request_after(
        BRIDGE,
        request("/", ("content-type", "application/connect+json"), ("connect-timeout-ms", "100"),
                ("connect-accept-encoding", "br"), method="POST"),
    )  # fmt: skip
    assert dict(streaming.headers) == {
        "content-type": "application/grpc+json", "te": "trailers", "grpc-timeout": "100m", "grpc-accept-encoding": "br",
    }  # fmt: skip
    unary = request_after(
        BRIDGE, request("/", ("content-type", "application/proto"), ("connect-protocol-version", "1"), method="POST")
    )
    assert dict(unary.headers) == {"content-type": "application/grpc+proto", "te": "trailers"}
    get = request_after(BRIDGE, request("/s/m?connect=v1&encoding=json&compression=gzip&message=x"))
    assert (get.method, get.path) == ("POST", "/s/m")
    assert dict(get.headers) == {"content-type": "application/grpc+json", "te": "trailers", "grpc-encoding": "gzip"}


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/", (("content-type", "application/proto"),)),
        ("/", (("content-type", "text/proto"), ("connect-protocol-version", "1"))),
        ("/?connect=v2&encoding=proto", ()),
    ],
)
def test_what_is_not_connect_stays(path: str, headers: tuple[tuple[str, str], ...]) -> None:
    assert request_after(BRIDGE, request(path, *headers)) == request(path, *headers)
