"""A route as facts: names of Envoy's fields and their values in one spelling, so that two routes compare by meaning.

A field that has its default, or says nothing, is no fact.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from msgspec import Raw

from meshscope.effect.http_routes.actions import CORS, FAULT
from meshscope.xds.cors import CorsPolicy
from meshscope.xds.data_source import DataSource
from meshscope.xds.duration import duration_text
from meshscope.xds.extension import Extension
from meshscope.xds.fault import HTTPFault
from meshscope.xds.matcher import HeaderMatcher, QueryParameterMatcher
from meshscope.xds.message import Undecodable, decode, present
from meshscope.xds.route import Route
from meshscope.xds.route_action import HeaderValueOption, RetryPolicy, RouteAction
from meshscope.xds.route_match import RouteMatch

Facts = dict[str, str]
RETRIES = "route.retry_policy."
_OLD_FAULT = "envoy.fault"
_SIGNS = {"APPEND_IF_EXISTS_OR_ADD": "+=", "OVERWRITE_IF_EXISTS_OR_ADD": "="}


def facts_of(route: Route) -> Facts:
    return {field: value for field, value in _facts(route) if value}


def match_facts(match: RouteMatch) -> Facts:
    return {field: value for field, value in _match(match) if value}


def _facts(route: Route) -> Iterator[tuple[str, str]]:
    yield "name", route.name
    yield from _match(route.match)
    if route.redirect:
        yield "redirect", str(route.redirect)
    elif route.direct_response:
        yield "direct_response", f"{route.direct_response.status} {_body(route.direct_response.body)}".strip()
    elif route.route:
        yield from _action(route.route)
    yield from _headers("", route)
    yield from _filters(route)


def _body(body: Raw) -> str:
    source = decode(body, DataSource) if present(body) else DataSource()
    return source.why if isinstance(source, Undecodable) else source.inline_string or source.inline_bytes


def _match(match: RouteMatch) -> Iterator[tuple[str, str]]:
    yield "match.path", match.path_specifier()
    yield "match.headers", "; ".join(map(_header, match.headers))
    yield "match.query_parameters", "; ".join(sorted(map(_query, match.query_parameters)))
    yield "match.dynamic_metadata", "; ".join(map(str, match.dynamic_metadata))


def _header(asked: HeaderMatcher) -> str:
    """Presence is asked by a flag, by no specifier at all, or by a prefix of nothing."""
    absent = " absent" if asked.present_match is False else ""
    return f"{'not ' if asked.invert_match else ''}{asked.name}{asked.string or absent}"


def _query(asked: QueryParameterMatcher) -> str:
    return f"{asked.name}{asked.string_match or ''}"


def _action(action: RouteAction) -> Iterator[tuple[str, str]]:
    yield "route.cluster", _clusters(action)
    yield "route.timeout", duration_text(action.timeout or "15s")
    yield from _retries(action.retry_policy or RetryPolicy(num_retries=0))
    yield "route.prefix_rewrite", action.prefix_rewrite
    if rewrite := action.regex_rewrite:
        yield "route.regex_rewrite", f"{rewrite.pattern.regex} → {rewrite.substitution}"
    yield "route.host_rewrite_literal", action.host_rewrite_literal
    yield (
        "route.request_mirror_policies",
        "; ".join(
            f"{one.cluster} {_percent(one.runtime_fraction.default_value.share) if one.runtime_fraction else '100%'}"
            for one in action.request_mirror_policies
        ),
    )
    if weighted := action.weighted_clusters:
        for share in weighted.clusters:
            yield from _headers(f"route.weighted_clusters[{share.name}].", share)
            yield f"route.weighted_clusters[{share.name}].host_rewrite_literal", share.host_rewrite_literal


def _clusters(action: RouteAction) -> str:
    """Several with their shares; a single one of several, which is left after those of weight 0, alone."""
    if not action.weighted_clusters:
        return action.cluster or action.chosen_by
    shares = action.weighted_clusters.clusters
    if len(shares) == 1:
        return shares[0].name
    return ", ".join(f"{one.name} {one.weight}" for one in shares)


def _retries(policy: RetryPolicy) -> Iterator[tuple[str, str]]:
    yield f"{RETRIES}num_retries", str(1 if policy.num_retries is None else policy.num_retries)
    words = {word.strip() for word in policy.retry_on.split(",")} - {""}
    yield f"{RETRIES}retry_on", ",".join(sorted(words))
    yield f"{RETRIES}per_try_timeout", duration_text(policy.per_try_timeout)
    yield f"{RETRIES}retriable_status_codes", ",".join(map(str, policy.retriable_status_codes))
    yield f"{RETRIES}retry_priority", _extension(policy.retry_priority) if present(policy.retry_priority) else ""
    yield f"{RETRIES}retry_host_predicate", ", ".join(sorted(map(_extension, policy.retry_host_predicate)))
    if pause := policy.retry_back_off:
        most = f" to {duration_text(pause.max_interval)}" if pause.max_interval else ""
        yield f"{RETRIES}retry_back_off", f"{duration_text(pause.base_interval)}{most}"


def _extension(raw: Raw) -> str:
    return _name(bytes(raw))


@lru_cache(maxsize=256)
def _name(extension: bytes) -> str:
    """The last part, which says what it is. All routes have a few of them."""
    found = decode(Raw(extension), Extension)
    return found.why if isinstance(found, Undecodable) else found.name.rpartition(".")[2]


def _headers(prefix: str, holder: object) -> Iterator[tuple[str, str]]:
    for field in ("request_headers_to_add", "response_headers_to_add"):
        options: Iterable[HeaderValueOption] = getattr(holder, field)
        yield prefix + field, "; ".join(map(_option, sorted(options, key=lambda one: one.header.key)))
    for field in ("request_headers_to_remove", "response_headers_to_remove"):
        yield prefix + field, ", ".join(sorted(getattr(holder, field)))


def _option(option: HeaderValueOption) -> str:
    action = option.append_action
    if option.append is not None:
        action = "APPEND_IF_EXISTS_OR_ADD" if option.append else "OVERWRITE_IF_EXISTS_OR_ADD"
    return f"{option.header.key}{_SIGNS.get(action, f' {action} ')}{option.header.value}"


def _filters(route: Route) -> Iterator[tuple[str, str]]:
    """Faults and CORS are settings of filters; up to Istio 1.19 CORS is one of the route."""
    filters = route.typed_per_filter_config
    if (raw := filters.get(FAULT) or filters.get(_OLD_FAULT)) is not None:
        fault = decode(raw, HTTPFault)
        if isinstance(fault, Undecodable):
            yield FAULT, fault.why
        else:
            yield from _fault(fault)
    cors = route.typed_per_filter_config.get(CORS)
    if cors is None and route.route and present(route.route.cors):
        cors = route.route.cors
    if cors is not None:
        policy = decode(cors, CorsPolicy)
        if isinstance(policy, Undecodable):
            yield CORS, policy.why
        else:
            yield from _cors(policy)


def _fault(fault: HTTPFault) -> Iterator[tuple[str, str]]:
    if fault.delay:
        yield "fault.delay", f"{duration_text(fault.delay.fixed_delay)} {_percent(fault.delay.percentage.share)}"
    if fault.abort:
        what = fault.abort.http_status if fault.abort.http_status is not None else f"grpc {fault.abort.grpc_status}"
        yield "fault.abort", f"{what} {_percent(fault.abort.percentage.share)}"


def _cors(policy: CorsPolicy) -> Iterator[tuple[str, str]]:
    yield "cors.allow_origin", "; ".join(str(one).removeprefix("=") for one in policy.allow_origin_string_match)
    yield "cors.allow_methods", policy.allow_methods
    yield "cors.allow_headers", policy.allow_headers
    yield "cors.expose_headers", policy.expose_headers
    yield "cors.max_age", policy.max_age
    yield "cors.allow_credentials", "true" if policy.allow_credentials else ""


def _percent(share: float) -> str:
    return f"{100 * share:g}%"
