"""TlsContextMatchOptions: whether the client presented a certificate, and whether it was validated.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-routematch-tlscontextmatchoptions
"""

from __future__ import annotations

from meshscope.simulation.connection import Connection
from meshscope.simulation.verdict import NO, YES, Verdict, all_of, unknown
from meshscope.xds.route_match import TlsContextMatch


def tls_context_matches(matcher: TlsContextMatch, connection: Connection) -> Verdict:
    """Plaintext counts as neither presented nor validated."""
    presented = connection.peer.presented if connection.tls else False
    validated = connection.peer.validated if presented is not False else False
    facts = {"presented": presented, "validated": validated}
    verdicts = [_same(wanted, facts[what], what) for what, wanted in matcher.wanted()]
    return all_of((*verdicts, unknown(f"tls_context: {matcher.doubt}")) if matcher.unread else verdicts)


def _same(wanted: bool, actual: bool | None, what: str) -> Verdict:
    if actual is None:
        return unknown(f"whether a client certificate is {what} is not given")
    return YES if wanted == actual else NO


def tls_context_because(matcher: TlsContextMatch) -> str:
    wants = " and ".join(f"{'' if value else 'not '}{what}" for what, value in matcher.wanted())
    return f"a client certificate {wants} was asked"
