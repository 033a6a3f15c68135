from __future__ import annotations

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.matching.header import header_matches
from meshscope.simulation.matching.string import NEWEST
from meshscope.xds.matcher import HeaderMatcher, StringMatcher

from ..walks import context, entry, filter_list, only, request, request_after, scope, typed


def matched(name: str, after: HttpRequest) -> str:
    asked = HeaderMatcher(name=name, string_match=StringMatcher(exact="NL"))
    return str(header_matches(asked, after, NEWEST, individually=False).answer)


SIGNING = "aws_request_signing.v3.AwsRequestSigning"


def test_what_is_signed_is_unknown_and_the_host_is_as_configured() -> None:
    after = request_after(filter_list(entry(SIGNING, host_rewrite="s3.example")), request())
    assert {matched(name, after) for name in ("authorization", "x-amz-date", "X-Amz-Content-Sha256")} == {"unknown"}
    assert matched(":path", after) == "no"
    assert after.authority == "s3.example"
    assert request_after(filter_list(entry(SIGNING)), request()).authority == "shop.example"


def test_a_signature_in_the_query_string_changes_the_path_and_names_the_body() -> None:
    after = request_after(filter_list(entry(SIGNING, query_string={})), request())
    assert {matched(name, after) for name in (":path", "x-amz-content-sha256")} == {"unknown"}
    assert matched("authorization", after) == "no"


def test_a_route_may_sign_in_another_way() -> None:
    own = typed(f"{SIGNING}PerRoute", aws_request_signing={"query_string": {}})
    outcome = only(filter_list(entry(SIGNING)), request(), context(route=scope(route=own)))
    assert not outcome.assuming
    assert isinstance(outcome.value, HttpRequest)
    assert matched("authorization", outcome.value) == "no"
