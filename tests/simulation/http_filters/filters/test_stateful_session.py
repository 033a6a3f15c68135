from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from meshscope.simulation.connection import HttpRequest, OverrideHost

from ..walks import context, entry, filter_list, only, request, scope, typed

KIND = "stateful_session.v3.StatefulSession"
STATES = "type.googleapis.com/envoy.extensions.http.stateful_session."


def session(kind: str, **config: Any) -> Any:
    return {"session_state": {"name": "s", "typed_config": {"@type": STATES + kind, **config}}}


COOKIE = session("cookie.v3.CookieBasedSessionState", cookie={"name": "sid", "path": "/"})
HEADER = session("header.v3.HeaderBasedSessionState", name="X-Session")
ENVELOPE = session("envelope.v3.EnvelopeSessionState", header={"name": "mcp-session-id"})


def b64(value: str | bytes) -> str:
    return b64encode(value if isinstance(value, bytes) else value.encode()).decode()


def message(address: str, expires: int = 0) -> bytes:
    """As Envoy's cookies hold it: field 1 is the address, field 2 the time."""
    written = b"\x0a" + bytes([len(address)]) + address.encode()
    if expires:
        written += b"\x10"
        while expires > 0x7F:
            written += bytes([expires & 0x7F | 0x80])
            expires >>= 7
        written += bytes([expires])
    return written


def named(config: dict[str, Any], *headers: tuple[str, str], path: str = "/", **fields: Any) -> OverrideHost | None:
    outcome = only(filter_list(entry(KIND, **config)), request(path, *headers), context(**fields))
    assert isinstance(outcome.value, HttpRequest)
    assert not outcome.assuming
    return outcome.value.override_host


HOST = "10.20.0.21:9080"
UNLUCKY = "10.1.0.1:80"
"""It reads as a message without an address: its first byte opens a field of eight bytes, then 8 one that 0 ends."""
TWO = f"sid={b64(HOST)}; sid={b64('10.1.0.2:80')}"
MORE = message(HOST) + b"\x1a\x01x"


@pytest.mark.parametrize(
    ("config", "headers", "address"),
    [
        (COOKIE, (), None),
        (COOKIE, (("cookie", "a=b; sidx=c"),), None),
        (COOKIE, (("cookie", f"a=b; sid={b64(HOST)}"),), HOST),
        (COOKIE, (("cookie", f'sid="{b64(HOST)}"'),), HOST),
        (COOKIE, (("cookie", TWO),), HOST),
        (COOKIE, (("cookie", f"sid={b64(message(HOST))}"),), HOST),
        (COOKIE, (("cookie", f"sid={b64(MORE)}"),), HOST),
        (COOKIE, (("cookie", f"sid={b64(UNLUCKY)}"),), None),
        (HEADER, (("x-session", b64(UNLUCKY)),), UNLUCKY),
        (COOKIE, (("cookie", "sid=EAU="),), None),
        (COOKIE, (("cookie", "sid=%%%"),), None),
        (COOKIE, (("cookie", "sid=" + b64("ab").rstrip("=")),), None),
        (COOKIE, (("cookie", "sid=YR=="),), None),
        (COOKIE, (("sid", b64(HOST)),), None),
        (HEADER, (("x-session", b64(HOST)),), HOST),
        (HEADER, (("x-session", HOST),), None),
        (HEADER, (("x-session", b64(HOST)), ("x-session", b64("10.1.0.2:80"))), HOST),
        (HEADER, (("cookie", f"x-session={b64(HOST)}"),), None),
        (ENVELOPE, (("mcp-session-id", b64(HOST)),), None),
        (ENVELOPE, (("mcp-session-id", f"{b64(HOST)};UV:{b64('own')}"),), HOST),
        (ENVELOPE, (("mcp-session-id", f"{b64(HOST)};X:1;UV:{b64('own')}"),), HOST),
        (ENVELOPE, (("mcp-session-id", f"{b64(HOST)};UV:"),), None),
        (ENVELOPE, (), None),
        ({}, (("cookie", f"sid={b64(HOST)}"),), None),
    ],
)
def test_a_session_names_its_endpoint_as_envoy_reads_it(
    config: dict[str, Any], headers: tuple[tuple[str, str], ...], address: str | None
) -> None:
    """Each row is the answer of an Envoy 1.40."""
    assert named(config, *headers) == (OverrideHost(address) if address else None)
    assert named({**config, "strict": True}, *headers) == (OverrideHost(address, strict=True) if address else None)


@pytest.mark.parametrize(
    ("cookie_path", "path", "is_read"),
    [
        ("", "/a", True), ("/a", "/a", True), ("/zz", "/a", False), ("/ab", "/abc", False), ("/ab", "/ab/c", True),
        ("/ab/", "/ab/c", True), ("/ab", "/ab?x", True),
    ],
)  # fmt: skip
def test_a_cookie_counts_under_its_path_alone(cookie_path: str, path: str, *, is_read: bool) -> None:
    config = session("cookie.v3.CookieBasedSessionState", cookie={"name": "sid", "path": cookie_path})
    assert bool(named(config, ("cookie", f"sid={b64(HOST)}"), path=path)) is is_read


def test_a_session_that_has_expired_names_nobody() -> None:
    cookie = ("cookie", f"sid={b64(message(HOST, 1_790_000_000))}")
    assert named(COOKIE, cookie, at="2026-09-01T00:00:00Z") == OverrideHost(HOST)
    assert named(COOKIE, cookie, at="2026-10-01T00:00:00Z") is None
    outcome = only(filter_list(entry(KIND, **COOKIE)), request("/", cookie))
    assert outcome.assuming == ("it: cookie sid has expired and does not choose the endpoint",)


def test_an_envelope_is_opened_for_the_endpoint() -> None:
    header = ("mcp-session-id", f"{b64(HOST)};UV:{b64('own')}")
    outcome = only(filter_list(entry(KIND, **ENVELOPE)), request("/", header))
    assert isinstance(outcome.value, HttpRequest)
    assert outcome.value.values("mcp-session-id") == ("own",)


def test_a_session_of_another_kind_is_unknown() -> None:
    assert only(filter_list(entry(KIND, **session("other.v3.State"))), request()).assuming


def test_a_cookie_that_an_earlier_filter_wrote_may_name_it() -> None:
    outcome = only(filter_list(entry(KIND, **HEADER)), request("/", hidden=frozenset({"x-session"})))
    assert outcome.assuming == ("it: header x-session does not choose the endpoint",)


def test_a_route_may_do_without_or_keep_another_session() -> None:
    cookie = ("cookie", f"sid={b64(HOST)}")
    for own, is_named in (
        ({"disabled": True}, False),
        ({"stateful_session": HEADER}, False),
        ({"stateful_session": COOKIE}, True),
    ):
        route = scope(route=typed(f"{KIND}PerRoute", **own))
        assert bool(named(COOKIE, cookie, route=route)) is is_named
