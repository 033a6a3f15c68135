from __future__ import annotations

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.matching.header import header_matches
from meshscope.simulation.matching.string import NEWEST
from meshscope.xds.matcher import HeaderMatcher, StringMatcher

from ..walks import entry, filter_list, request, request_after


def matched(name: str, after: HttpRequest) -> str:
    asked = HeaderMatcher(name=name, string_match=StringMatcher(exact="NL"))
    return str(header_matches(asked, after, NEWEST, individually=False).answer)


def test_a_token_is_unknown_and_whether_there_is_one() -> None:
    after = request_after(filter_list(entry("gcp_authn.v3.GcpAuthnFilterConfig")), request())
    assert matched("Authorization", after) == "unknown"
    assert matched("x-token", after) == "no"


def test_a_token_may_have_a_header_of_its_own() -> None:
    config = entry("gcp_authn.v3.GcpAuthnFilterConfig", token_header={"name": "X-Token", "value_prefix": "T "})
    after = request_after(filter_list(config), request())
    assert matched("x-token", after) == "unknown"
    assert matched("authorization", after) == "no"
