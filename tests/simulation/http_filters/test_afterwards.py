from __future__ import annotations

from meshscope.simulation.connection import Later
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.endings import NO_ROUTE, NO_TLS, End
from meshscope.simulation.http_filters.afterwards import end_of, later_end
from meshscope.simulation.trace import Response

from .walks import request

LATER = Later("bridge", 200, "wrong_type", "it is wrong", "it is right", replaces=True)


def test_an_answer_becomes_that_of_the_filter_which_replaces_it_and_keeps_its_flags() -> None:
    end = end_of(NO_ROUTE, request(later=(LATER,)))
    assert end == End(NO_ROUTE.disposition, Response(code=200, flags="NR", details="wrong_type"))
    assert end_of(NO_ROUTE, request(later=(Later("web", 400, "no_base64", "", ""),))) == NO_ROUTE
    assert end_of(NO_TLS, request(later=(LATER,))) == NO_TLS


def test_a_late_answer_has_its_code_and_details() -> None:
    assert later_end(LATER) == End(Disposition.PROTOCOL_ERROR, Response(code=200, details="wrong_type"))
