"""RBAC's permissions and principals, each made once into a predicate.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/rbac/v3/rbac.proto
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from meshscope.simulation.guards import rbac_match_headers_individually
from meshscope.simulation.matching.header import header_because, header_matches
from meshscope.simulation.matching.metadata import metadata_because, metadata_matches
from meshscope.simulation.matching.uri_template import path_template, uri_template_matches
from meshscope.simulation.rbac.addresses import address_predicate, port, port_range
from meshscope.simulation.rbac.facts import NO_DESTINATION, NO_SOURCE_ADDRESS, RbacFacts
from meshscope.simulation.rbac.identity import authenticated, filter_state
from meshscope.simulation.rbac.predicate import (
    ANYTHING,
    Predicate,
    all_predicate,
    any_predicate,
    never_known,
    not_predicate,
    value_predicate,
)
from meshscope.simulation.verdict import NO, YES, Verdict
from meshscope.xds.extension import Extension
from meshscope.xds.matcher import HeaderMatcher, MetadataMatcher, StringMatcher
from meshscope.xds.message import Undecodable
from meshscope.xds.rbac import PathMatcher, Permission, Principal, SourcedMetadata


def permission(rule: Permission) -> Predicate:
    return _made(rule, _PERMISSIONS)


def principal(identity: Principal) -> Predicate:
    return _made(identity, _PRINCIPALS)


def _made(message: Permission | Principal, kinds: Mapping[str, Callable[[Any], Predicate]]) -> Predicate:
    if message.unread:
        return never_known(message.doubt)
    for field, make in kinds.items():
        value = getattr(message, field)
        if value is not None:
            return make(value)
    return never_known("a rule of a kind that is not known")


def _any(_: bool) -> Predicate:
    return Predicate(lambda _: YES, lambda _: "", ANYTHING)


def _header(matcher: HeaderMatcher) -> Predicate:
    def decide(facts: RbacFacts) -> Verdict:
        if facts.request is None:
            return NO
        individually = rbac_match_headers_individually(facts.envoy)
        return header_matches(matcher, facts.request, facts.envoy, individually=individually)

    def because(facts: RbacFacts) -> str:
        return header_because(matcher, facts.request) if facts.request else "a connection has no headers"

    return Predicate(decide, because, f"header {matcher}")


def _url_path(matcher: PathMatcher) -> Predicate:
    return value_predicate("path", matcher.path or StringMatcher(), lambda facts: facts.path)


def _uri_template(policy: Extension) -> Predicate:
    template = path_template(policy)
    if isinstance(template, Undecodable):
        return never_known(template.why)

    def path(facts: RbacFacts) -> str | None:
        return re.split(r"[?#]", facts.request.path, maxsplit=1)[0] if facts.request else None

    def decide(facts: RbacFacts) -> Verdict:
        found = path(facts)
        return NO if found is None else uri_template_matches(template, found, facts.envoy)

    return Predicate(
        decide, lambda facts: f"path is {path(facts)!r}; template {template!r} was asked", f"path template {template!r}"
    )


def _server_name(matcher: StringMatcher) -> Predicate:
    return value_predicate("SNI", matcher, lambda facts: facts.connection.sni.lower())


def _metadata(matcher: MetadataMatcher) -> Predicate:
    return Predicate(
        lambda facts: metadata_matches(matcher, facts.metadata, facts.envoy),
        lambda facts: metadata_because(matcher, facts.metadata),
        str(matcher),
    )


def _sourced_metadata(sourced: SourcedMetadata) -> Predicate:
    source = sourced.metadata_source.upper()
    if source in ("DYNAMIC", "0"):
        return _metadata(sourced.metadata_matcher)
    if source not in ("ROUTE", "1"):
        return never_known(f"metadata_source {sourced.metadata_source} is not known to meshscope")
    matcher = sourced.metadata_matcher
    return Predicate(
        lambda facts: metadata_matches(matcher, facts.route_metadata, facts.envoy),
        lambda facts: f"route's {metadata_because(matcher, facts.route_metadata)}",
        f"route's {matcher}",
    )


def _extension(kind: str) -> Callable[[Extension], Predicate]:
    return lambda extension: never_known(f"{kind} {extension.type_name or extension.name} is not modelled")


_SHARED: dict[str, Callable[[Any], Predicate]] = {
    "any": _any,
    "header": _header,
    "url_path": _url_path,
    "metadata": _metadata,
    "sourced_metadata": _sourced_metadata,
}
_PERMISSIONS: dict[str, Callable[[Any], Predicate]] = {
    **_SHARED,
    "and_rules": lambda group: all_predicate(tuple(map(permission, group.rules))),
    "or_rules": lambda group: any_predicate(tuple(map(permission, group.rules))),
    "not_rule": lambda rule: not_predicate(permission(rule)),
    "uri_template": _uri_template,
    "destination_ip": address_predicate("destination", NO_DESTINATION, lambda facts: facts.connection.destination_ip),
    "destination_port": port,
    "destination_port_range": port_range,
    "requested_server_name": _server_name,
    "matcher": _extension("matcher"),
}
_PRINCIPALS: dict[str, Callable[[Any], Predicate]] = {
    **_SHARED,
    "and_ids": lambda group: all_predicate(tuple(map(principal, group.ids))),
    "or_ids": lambda group: any_predicate(tuple(map(principal, group.ids))),
    "not_id": lambda identity: not_predicate(principal(identity)),
    "authenticated": authenticated,
    "source_ip": address_predicate("source", NO_SOURCE_ADDRESS, lambda facts: facts.connection.source_ip),
    "direct_remote_ip": address_predicate("direct source", NO_SOURCE_ADDRESS, lambda facts: facts.direct_ip),
    "remote_ip": address_predicate("client address", NO_SOURCE_ADDRESS, lambda facts: facts.client_ip),
    "filter_state": filter_state,
    "custom": _extension("principal"),
}
