"""`envoy.filters.http.stateful_session`: the host that served the client before, if the request names it.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/stateful_session_filter
A request that names a host goes there as long as the host is healthy, else to any other one (`strict`: to none). Whether
what it names is a host of the cluster is not decided here.
"""

from __future__ import annotations

from msgspec.structs import replace

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.http_filters.filter import (
    Configuration,
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcomes,
    assumed_to_pass,
    passes,
)
from meshscope.simulation.matching.cookie import cookies
from meshscope.xds.message import Undecodable, decode
from meshscope.xds.stateful_session import COOKIE, NAMED, SessionState, StatefulSession, StatefulSessionPerRoute


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
    return _session(entry, state, is_cookie=extension.type_name == COOKIE)


def _session(entry: FilterEntry, state: SessionState, *, is_cookie: bool) -> Filter:
    name = state.cookie.name if is_cookie else (state.name or state.header.name).lower()
    where = f"{'cookie' if is_cookie else 'header'} {name}"

    def run(request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        value = cookies(request).get(name, "") if is_cookie else "".join(request.values(name))
        is_hidden = ("cookie" if is_cookie else name) in request.hidden
        if not value and not is_hidden:
            return passes(request, context, entry, f"{where} is absent: any endpoint may serve")
        (outcome,) = assumed_to_pass(request, entry, f"{where} may name the endpoint")
        return (replace(outcome, assuming=(f"{entry.name}: {where} does not choose the endpoint",)),)

    return run
