from __future__ import annotations

from typing import Any

from meshscope.simulation.endings import End
from meshscope.simulation.matching.header import header_matches
from meshscope.simulation.matching.string import NEWEST
from meshscope.xds.matcher import HeaderMatcher, StringMatcher

from ..walks import access_log, entry, filter_list, only, outcomes, request, request_after

TYPES = "type.googleapis.com/envoy.extensions.http.injected_credentials."


def injector(kind: str = "generic.v3.Generic", credential: Any = None, **more: Any) -> Any:
    typed_config = {"@type": TYPES + kind, **(credential or {})}
    return filter_list(
        entry(
            "credential_injector.v3.CredentialInjector", credential={"name": "c", "typed_config": typed_config}, **more
        )
    )


def matched(asked: HeaderMatcher, after: Any) -> str:
    return str(header_matches(asked, after, NEWEST, individually=False).answer)


def test_a_credential_is_there_and_what_it_is_is_unknown() -> None:
    after = request_after(injector(), request())
    assert matched(HeaderMatcher(name="Authorization", present_match=True), after) == "yes"
    asked = HeaderMatcher(name="authorization", string_match=StringMatcher(exact="Basic a"))
    assert matched(asked, after) == "unknown"
    assert matched(HeaderMatcher(name="x-other", present_match=True), after) == "no"
    named = request_after(injector(credential={"header": "X-Key", "header_value_prefix": "P "}), request())
    assert named.headers == (("x-key", "P …"),)


def test_the_clients_own_stays_unless_it_is_overwritten() -> None:
    asking = request("/", ("authorization", "mine"))
    assert request_after(injector(), asking) == asking
    assert request_after(injector(overwrite=True), asking).headers == (("authorization", "…"),)


def test_a_token_that_has_to_be_fetched_may_be_missing() -> None:
    _, without = outcomes(injector("oauth2.v3.OAuth2"), request())
    assert isinstance(without.value, End)
    assert access_log(without.value.response) == (401, "-", "failed_to_inject_credential")
    _, allowed = outcomes(injector("oauth2.v3.OAuth2", allow_request_without_credential=True), request())
    assert allowed.value == request()
    assert only(injector("other.v3.Other"), request()).assuming
