"""RBAC's predicates of who the client is: its certificate, or the identity that opened the tunnel.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/rbac/v3/rbac.proto#config-rbac-v3-principal-authenticated
"""

from __future__ import annotations

from meshscope.simulation.matching.string import pattern_words, string_matches
from meshscope.simulation.rbac.facts import NO_IDENTITY, RbacFacts
from meshscope.simulation.rbac.predicate import Predicate, never_known
from meshscope.simulation.verdict import NO, YES, Verdict, any_of, unknown
from meshscope.xds.matcher import FilterStateMatcher, StringMatcher
from meshscope.xds.rbac import Authenticated

PEER_PRINCIPAL = "io.istio.peer_principal"
"""Under this key Istio's waypoints keep the identity of who opened the tunnel."""


def authenticated(client: Authenticated) -> Predicate:
    name = client.principal_name

    def decide(facts: RbacFacts) -> Verdict:
        if not facts.secured:
            return NO
        return YES if name is None else _identity(name, facts)

    def because(facts: RbacFacts) -> str:
        wants = pattern_words(name) if name else "any TLS client"
        return f"{_who(facts)}; {wants} was asked"

    return Predicate(decide, because, f"principal {pattern_words(name)}" if name else "any TLS client")


def _identity(name: StringMatcher, facts: RbacFacts) -> Verdict:
    names = facts.identities
    if names is None:
        return unknown(NO_IDENTITY)
    return any_of(string_matches(name, one, facts.envoy) for one in names)


def _who(facts: RbacFacts) -> str:
    if not facts.secured:
        return "the connection is plain text"
    names = facts.identities
    if names is None:
        return NO_IDENTITY
    return "principal is " + (" and ".join(repr(one) for one in names if one) or "unnamed: no client certificate")


def filter_state(matcher: FilterStateMatcher) -> Predicate:
    """Of filter state only the tunnel's identity is known."""
    name = matcher.string_match
    if matcher.unread:
        return never_known(f"filter state {matcher.key}: {matcher.doubt}")
    if matcher.key != PEER_PRINCIPAL or name is None:
        return never_known(f"filter state {matcher.key} is not modelled")

    def decide(facts: RbacFacts) -> Verdict:
        if facts.connection.peer.presented is False:
            return NO
        uris = facts.connection.peer.uri_sans
        return any_of(string_matches(name, uri, facts.envoy) for uri in uris) if uris else unknown(NO_IDENTITY)

    def because(facts: RbacFacts) -> str:
        there = " and ".join(map(repr, facts.connection.peer.uri_sans)) or "not given"
        return f"peer principal is {there}; {pattern_words(name)} was asked"

    return Predicate(decide, because, f"peer principal {pattern_words(name)}")
