from __future__ import annotations

import pytest

from meshscope.simulation.proxy.local_replies import direct_response
from meshscope.xds.route_action import DirectResponseAction

from ..reading import asking, read


@pytest.mark.parametrize(
    ("status", "location"),
    [(200, None), (201, "http://shop.example/a?q"), (308, "http://shop.example/a?q"), (404, None)],
)
def test_created_and_moved_say_where_and_nothing_else_does(status: int, location: str | None) -> None:
    answer = direct_response(read(DirectResponseAction, {"status": status}), asking("/a?q"))
    assert (answer.code, answer.location, answer.details, answer.flags) == (status, location, "direct_response", "-")


def test_a_grpc_client_is_answered_200() -> None:
    answer = direct_response(
        read(DirectResponseAction, {"status": 503}), asking("/", ("content-type", "application/grpc"))
    )
    assert answer.code == 200
