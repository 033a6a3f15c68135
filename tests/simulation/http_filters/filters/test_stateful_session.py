from __future__ import annotations

from typing import Any

import pytest

from ..walks import context, entry, filter_list, only, request, scope, typed

KIND = "stateful_session.v3.StatefulSession"
STATES = "type.googleapis.com/envoy.extensions.http.stateful_session."


def session(kind: str, **config: Any) -> Any:
    return {"session_state": {"name": "s", "typed_config": {"@type": STATES + kind, **config}}}


COOKIE = session("cookie.v3.CookieBasedSessionState", cookie={"name": "sid", "path": "/"})
HEADER = session("header.v3.HeaderBasedSessionState", name="X-Session")
ENVELOPE = session("envelope.v3.EnvelopeSessionState", header={"name": "mcp-session-id"})


@pytest.mark.parametrize(
    ("config", "headers", "unknown"),
    [
        (COOKIE, (), False),
        (COOKIE, (("cookie", "a=b; sidx=c"),), False),
        (COOKIE, (("cookie", "a=b; sid=MTA="),), True),
        (COOKIE, (("sid", "MTA="),), False),
        (HEADER, (("x-session", "MTA="),), True),
        (HEADER, (("cookie", "x-session=c"),), False),
        (ENVELOPE, (("mcp-session-id", "a"),), True),
        (ENVELOPE, (), False),
        ({}, (("cookie", "sid=MTA="),), False),
        (session("other.v3.State"), (), True),
    ],
)
def test_only_a_request_that_may_name_its_endpoint_is_unknown(
    config: dict[str, Any], headers: tuple[tuple[str, str], ...], *, unknown: bool
) -> None:
    asking = request("/", *headers)
    outcome = only(filter_list(entry(KIND, **config)), asking)
    assert bool(outcome.assuming) is unknown
    assert outcome.value == asking


def test_the_assumption_names_the_session() -> None:
    outcome = only(filter_list(entry(KIND, **COOKIE)), request("/", ("cookie", "sid=MTA=")))
    assert outcome.assuming == ("it: cookie sid does not choose the endpoint",)


def test_a_cookie_that_an_earlier_filter_wrote_may_name_it() -> None:
    outcome = only(filter_list(entry(KIND, **HEADER)), request("/", hidden=frozenset({"x-session"})))
    assert outcome.assuming


def test_a_route_may_do_without_or_keep_another_session() -> None:
    asking = request("/", ("cookie", "sid=MTA="))
    for own, unknown in (
        ({"disabled": True}, False),
        ({"stateful_session": HEADER}, False),
        ({"stateful_session": COOKIE}, True),
    ):
        route = scope(route=typed(f"{KIND}PerRoute", **own))
        assert bool(only(filter_list(entry(KIND, **COOKIE)), asking, context(route=route)).assuming) is unknown
