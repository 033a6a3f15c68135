"""Which host served a client before: in a cookie, a header, or an envelope around the upstream's own header.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/stateful_session/v3/stateful_session.proto
https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/http/stateful_session/cookie/v3/cookie.proto
"""

from __future__ import annotations

from meshscope.xds.extension import Extension
from meshscope.xds.message import Message

_STATES = "envoy.extensions.http.stateful_session."
COOKIE = f"{_STATES}cookie.v3.CookieBasedSessionState"
ENVELOPE = f"{_STATES}envelope.v3.EnvelopeSessionState"
NAMED = frozenset({COOKIE, f"{_STATES}header.v3.HeaderBasedSessionState", ENVELOPE})


class Named(Message, frozen=True):
    name: str = ""


class SessionCookie(Message, frozen=True):
    """`path` "": the cookie is for every path."""

    name: str = ""
    path: str = ""


class SessionState(Message, frozen=True):
    """`cookie`, `name` or `header` names where the session is, depending on the kind."""

    cookie: SessionCookie = SessionCookie()
    name: str = ""
    header: Named = Named()


class StatefulSession(Message, frozen=True):
    session_state: Extension | None = None
    strict: bool = False


class StatefulSessionPerRoute(Message, frozen=True):
    disabled: bool = False
    stateful_session: StatefulSession = StatefulSession()
