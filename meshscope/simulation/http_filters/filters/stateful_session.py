"""`envoy.filters.http.stateful_session`: the host that served the client before, if the request names it.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/stateful_session_filter
A request that names a host goes there as long as the host is healthy, else to any other one (`strict`: to none). Whether
what it names is a host of the cluster is decided where the cluster chooses.
"""

from __future__ import annotations

from msgspec.structs import replace

from meshscope.simulation.connection import HttpRequest, OverrideHost
from meshscope.simulation.headers.inline import set_header
from meshscope.simulation.http_filters.filter import (
    Configuration,
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcomes,
    assumed_to_pass,
    passes,
)
from meshscope.simulation.http_filters.session_value import SessionValue, cookie_value, envelope_value, header_value
from meshscope.simulation.matching.cookie import cookies
from meshscope.simulation.moment import seconds_since_1970
from meshscope.xds.message import Undecodable, decode
from meshscope.xds.stateful_session import (
    COOKIE,
    ENVELOPE,
    NAMED,
    SessionState,
    StatefulSession,
    StatefulSessionPerRoute,
)


def make(entry: FilterEntry, own: Configuration, overrides: tuple[Configuration, ...]) -> Filter:
    message = (overrides[0] if overrides else own).message
    if isinstance(message, StatefulSessionPerRoute):
        if message.disabled:
            return lambda request, context: passes(request, context, entry, "disabled on this route")
        message = message.stateful_session
    if not isinstance(message, StatefulSession):
        return lambda request, _: assumed_to_pass(request, entry, "its configuration is not one of stateful sessions")
    extension = message.session_state
    if extension is None:
        return lambda request, context: passes(request, context, entry, "it keeps no session")
    state = decode(extension.typed_config, SessionState) if extension.type_name in NAMED else None
    if state is None or isinstance(state, Undecodable):
        because = f"the session {extension.type_name or extension.name} is not modelled"
        return lambda request, _: assumed_to_pass(request, entry, because)
    return _Session(entry, state, extension.type_name, strict=message.strict)


class _Session:
    def __init__(self, entry: FilterEntry, state: SessionState, kind: str, *, strict: bool) -> None:
        self._entry, self._kind, self._strict = entry, kind, strict
        self._path = state.cookie.path if kind == COOKIE else ""
        self._name = state.cookie.name if kind == COOKIE else (state.name or state.header.name).lower()
        self._where = f"{'cookie' if kind == COOKIE else 'header'} {self._name}"

    def __call__(self, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        if not _is_under(self._path, request.path):
            return passes(request, context, self._entry, f"{self._where} is for paths under {self._path} alone")
        if ("cookie" if self._kind == COOKIE else self._name) in request.hidden:
            return self._unknown(request, f"{self._where} may name the endpoint", "does not choose the endpoint")
        text = self._text(request)
        value = self._value(text) if text else None
        if value is None:
            because = f"{self._where} {'names no endpoint' if text else 'is absent'}: any endpoint may serve"
            return passes(request, context, self._entry, because)
        return self._named(value, request, context)

    def _named(self, value: SessionValue, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        because = f"{self._where} names {value.address}"
        if value.inner is not None:
            request = replace(request, headers=set_header(request.headers, self._name, value.inner))
        if value.expires:
            now = seconds_since_1970(context.options.at)
            if now is None:
                because += " until it expires, and the time is unknown"
                return self._unknown(request, because, "has expired and does not choose the endpoint")
            if value.expires < now:
                return passes(request, context, self._entry, f"{because}, but has expired: any endpoint may serve")
        named = replace(request, override_host=OverrideHost(value.address, self._strict))
        return passes(named, context, self._entry, because)

    def _text(self, request: HttpRequest) -> str:
        """The first of several."""
        if self._kind == COOKIE:
            return cookies(request).get(self._name, "")
        return next(iter(request.values(self._name)), "")

    def _value(self, text: str) -> SessionValue | None:
        if self._kind == COOKIE:
            return cookie_value(text)
        return envelope_value(text) if self._kind == ENVELOPE else header_value(text)

    def _unknown(self, request: HttpRequest, because: str, assumed: str) -> FilterOutcomes:
        (outcome,) = assumed_to_pass(request, self._entry, because)
        return (replace(outcome, assuming=(f"{self._entry.name}: {self._where} {assumed}",)),)


def _is_under(cookie_path: str, path: str) -> bool:
    """As browsers match the path of a cookie. https://www.rfc-editor.org/rfc/rfc6265#section-5.1.4"""
    if not path.startswith(cookie_path):
        return False
    rest = path[len(cookie_path) :]
    return not rest or not cookie_path or cookie_path.endswith("/") or rest[0] in "/?#"
