from __future__ import annotations

from typing import Any

import pytest

from meshscope.simulation.connection import Connection, HttpRequest
from meshscope.simulation.connection_manager.ingress_headers import IngressHeaders
from meshscope.simulation.connection_manager.preparation import Preparation
from meshscope.simulation.endings import End
from meshscope.simulation.outcome import StageContext
from meshscope.xds.http_connection_manager import HttpConnectionManager

from ..reading import asking, read

CLIENT = Connection(source_ip="9.9.9.9", destination_ip="10.0.0.1", destination_port=80)
ALL: dict[str, Any] = {
    "normalize_path": True,
    "path_with_escaped_slashes_action": "REJECT_REQUEST",
    "strip_matching_host_port": True,
}


def prepared(request: HttpRequest, internal: bool | None = None) -> HttpRequest | End:
    ingress = IngressHeaders(read(HttpConnectionManager, ALL), ("x-secret",))
    return Preparation(ingress=ingress, connection=CLIENT, stage=StageContext(), internal=internal).of(request).value


def test_a_request_has_its_normal_path_and_host_its_client_and_its_headers() -> None:
    request = prepared(asking("/a/../b", ("x-secret", "1"), ("accept", "a"), ("accept", "b"), authority="h:80"))
    assert isinstance(request, HttpRequest)
    assert (request.path, request.authority, request.client_ip) == ("/b", "h", "9.9.9.9")
    assert request.headers == (("accept", "a,b"), ("x-forwarded-proto", "http"))


@pytest.mark.parametrize(
    ("request_", "details"),
    [
        (asking("/a%2Fb\x01", authority=None), "http1.invalid_characters"),
        (asking("/a%2Fb", authority=None), "missing_host_header"),
        (asking("/a%2Fb"), "path_normalization_failed"),
    ],
)
def test_the_codec_refuses_before_the_manager_and_the_manager_before_the_path(
    request_: HttpRequest, details: str
) -> None:
    end = prepared(request_)
    assert isinstance(end, End)
    assert end.response is not None
    assert end.response.details == details


@pytest.mark.parametrize(("internal", "expected"), [(None, False), (True, True), (False, False)])
def test_the_user_may_override_whether_a_request_is_internal(internal: bool | None, expected: bool) -> None:
    request = prepared(asking(), internal)
    assert isinstance(request, HttpRequest)
    assert request.internal is expected
