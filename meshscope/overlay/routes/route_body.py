"""A route as istiod writes it: what the rule says, and what istiod adds to it in the proxy at hand.

What istiod adds changes between versions and with the mesh's settings, so that it is taken from the proxy's own routes where
some tell it. https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/route/route.go
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from meshscope.effect.configuration import Configuration
from meshscope.effect.generated import GATEWAY, semantics
from meshscope.effect.http_routes.actions import CORS, FAULT
from meshscope.effect.http_routes.facts import RETRIES
from meshscope.effect.http_routes.retries import knows_choice
from meshscope.overlay.draft import Json
from meshscope.overlay.routes.operations import decorator
from meshscope.overlay.routes.wanted import Wanted
from meshscope.xds.plain import plain

_TYPES = {
    CORS: "type.googleapis.com/envoy.extensions.filters.http.cors.v3.CorsPolicy",
    FAULT: "type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault",
}
_DEFAULT = "default"
"""The name of the route that istiod makes of a service without any VirtualService."""


def route_body(configuration: Configuration, one: Wanted, default_retries: Json, config_path: str, port: int) -> Json:
    """`default_retries` are those of a rule that says nothing about them; `config_path` names the owner. `port` is that of the
    virtual host.
    """
    body: dict[str, Any] = plain(one.route)
    if action := body.get("route"):
        _complete(configuration, one, action, default_retries)
    if one.route.direct_response:
        body["direct_response"]["status"] = one.route.direct_response.status
    for header in body["match"].get("headers", ()):
        if header.get("invert_match") and "string_match" in header and configuration.is_since(1, 22):
            header["treat_missing_header_as_empty"] = True
    if filters := body.get("typed_per_filter_config"):
        body["typed_per_filter_config"] = {name: {"@type": _TYPES[name], **value} for name, value in filters.items()}
        if CORS in filters:
            _complete_cors(configuration, one, body)
    body["decorator"] = decorator(body, one.owner.item.name, port)
    body["metadata"] = {"filter_metadata": {"istio": {"config": config_path}}}
    return body


def default_body(cluster: str, like: Json | None, default_retries: Json, host: str, port: int) -> Json:
    """The route of a service that no VirtualService has; `like` is another one of the proxy."""
    body: dict[str, Any] = (
        copy.deepcopy(like) if like else {"name": _DEFAULT, "match": {"prefix": "/"}, "route": {"timeout": "0s"}}
    )
    body["decorator"] = {"operation": f"{host}:{port}/*"}
    body["route"]["cluster"] = cluster
    body["route"].pop("hash_policy", None)
    body["route"]["retry_policy"] = copy.deepcopy(default_retries)
    return body


def is_default(body: Json) -> bool:
    return body.get("name") == _DEFAULT and "metadata" not in body and "cluster" in body.get("route", {})


def default_retries(configuration: Configuration, tables: Iterable[Json], alike: Iterable[Json]) -> Json:
    """Those of a route that istiod makes of a service alone, else of one of `alike`, whose rules say nothing about retries;
    else istiod's own.
    """
    defaults = (route for table in tables for route in routes_of(table) if is_default(route))
    for body in chain(alike, defaults):
        action = body.get("route") or {}
        if not action.get("hash_policy") and "retry_policy" in action:
            return action["retry_policy"]
    predicate = "type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate"
    found: dict[str, Any] = {
        "retry_on": "connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes",
        "num_retries": 2,
        "retry_host_predicate": [
            {"name": "envoy.retry_host_predicates.previous_hosts", "typed_config": {"@type": predicate}}
        ],
        "host_selection_retry_max_attempts": "5",
    }
    return found if configuration.is_since(1, 24) else {**found, "retriable_status_codes": [503]}


def routes_of(table: Json) -> Iterator[Json]:
    for host in table.get("virtual_hosts", ()):
        yield from host.get("routes", ())


def _complete(configuration: Configuration, one: Wanted, action: dict[str, Any], default: Json) -> None:
    action["max_grpc_timeout"] = action.get("timeout", "0s")
    if semantics(one.owner.item) == GATEWAY and configuration.is_since(1, 15):
        action["cluster_not_found_response_code"] = "INTERNAL_SERVER_ERROR"
    if RETRIES in one.expected.unsaid:
        action["retry_policy"] = copy.deepcopy(default)
    elif policy := action.get("retry_policy"):
        action["retry_policy"] = _retries(configuration, one, policy, default)
    if configuration.is_since(1, 28):
        for mirror in action.get("request_mirror_policies", ()):
            mirror["disable_shadow_host_suffix_append"] = True


def _retries(configuration: Configuration, one: Wanted, policy: Mapping[str, Any], default: Json) -> Json:
    """A rule that says how often, and nothing about when, has istiod's conditions."""
    kept = {"host_selection_retry_max_attempts"}
    if f"{RETRIES}retry_on" in one.expected.unsaid:
        kept |= {"retry_on", "retriable_status_codes"}
    wanted = one.expected.rule.retries if one.expected.rule else None
    knows = knows_choice(configuration)
    if not knows or wanted is None or wanted.retry_ignore_previous_hosts is None:
        kept |= {"retry_host_predicate"}
    said = {key: value for key, value in policy.items() if knows or key != "retry_back_off"}
    return {**said, **{key: copy.deepcopy(value) for key, value in default.items() if key in kept}}


def _complete_cors(configuration: Configuration, one: Wanted, body: dict[str, Any]) -> None:
    """Up to Istio 1.19 a field of the route. Preflights that match no origin are passed on unless a rule says otherwise."""
    policy = body["typed_per_filter_config"][CORS]
    asked = one.expected.rule.cors_policy if one.expected.rule else None
    policy["forward_not_matching_preflights"] = asked is None or asked.unmatched_preflights != "IGNORE"
    if not configuration.is_since(1, 20) and "route" in body:
        body["route"]["cors"] = {
            key: value for key, value in body["typed_per_filter_config"].pop(CORS).items() if key != "@type"
        }
