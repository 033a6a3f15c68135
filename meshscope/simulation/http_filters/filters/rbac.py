"""`envoy.filters.http.rbac`: 403 for requests that the rules deny; shadow rules only write metadata.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/rbac_filter
"""

from __future__ import annotations

from typing import Any

from meshscope.location import Location
from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.dynamic_metadata import with_metadata
from meshscope.simulation.http_filters.filter import (
    Configuration,
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcomes,
    assumed_to_pass,
    ends,
    passes,
    under_condition,
)
from meshscope.simulation.local_reply import local_reply
from meshscope.simulation.outcome import Outcome
from meshscope.simulation.rbac.engine import (
    Decision,
    Engine,
    denied_details,
    hint_for,
    in_words,
    shadow_results,
    to_change,
)
from meshscope.simulation.rbac.facts import RbacFacts
from meshscope.simulation.rbac.matcher_tree import engine_of
from meshscope.xds.rbac import RBAC, RBACPerRoute

METADATA = "envoy.filters.http.rbac"


def make(entry: FilterEntry, own: Configuration, overrides: tuple[Configuration, ...]) -> Filter:
    """A per-route configuration replaces the filter's own; an empty RBACPerRoute turns the filter off."""
    chosen = overrides[0] if overrides else own
    config, location = chosen.message, chosen.location
    if isinstance(config, RBACPerRoute):
        if config.rbac is None:
            return lambda request, context: passes(request, context, entry, "disabled on this route", location=location)
        config, location = config.rbac, location and location / "rbac"
    if not isinstance(config, RBAC):
        return lambda request, _: assumed_to_pass(request, entry, "its configuration is not an RBAC configuration")
    return _Rbac(entry, config, location)


class _Rbac:
    def __init__(self, entry: FilterEntry, config: RBAC, location: Location | None) -> None:
        self._entry, self._location = entry, location
        self._enforced = engine_of(config.rules, config.matcher)
        self._shadow = engine_of(config.shadow_rules, config.shadow_matcher)
        self._shadow_prefix = config.shadow_rules_stat_prefix

    def __call__(self, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        if self._shadow is None:
            return self._enforce(request, context, "")
        shadow = self._shadow.decide(_facts(request, context))
        results = shadow_results(shadow, self._shadow, self._shadow_prefix)
        return tuple(
            under_condition(outcome, condition) if condition else outcome
            for values, condition, note in results
            for outcome in self._enforce(with_metadata(request, METADATA, values), context, note)
        )

    def _enforce(self, request: HttpRequest, context: FilterContext, note: str) -> FilterOutcomes:
        if self._enforced is None:
            return passes(request, context, self._entry, note or "no rules", location=self._location)
        facts = _facts(request, context)
        decision = self._enforced.decide(facts)
        if decision.allowed.is_yes and not context.explain:
            return (Outcome(_with_log_hint(request, self._enforced, decision)),)
        policies = self._location and self._location / "rules" / "policies"
        rejected = self._enforced.rejected(facts, policies, decision.policy)
        because = " · ".join(filter(None, (in_words(decision, self._enforced, rejected), note)))
        owner, place = to_change(decision, rejected, policies)
        more: dict[str, Any] = {"rejected": rejected, "owner": owner, "location": place or self._location}
        if decision.allowed.is_yes:
            return passes(_with_log_hint(request, self._enforced, decision), context, self._entry, because, **more)
        if decision.allowed.is_unknown:
            return assumed_to_pass(request, self._entry, because, hint_for(decision.allowed.because), **more)
        response = local_reply(request, 403, denied_details(decision.policy))
        return ends(Disposition.DENIED, response, self._entry, because, hint=hint_for(because), **more)


def _facts(request: HttpRequest, context: FilterContext) -> RbacFacts:
    route = context.route
    return RbacFacts(
        connection=context.connection,
        request=request,
        secured=context.is_secured,
        envoy=context.envoy,
        route_metadata=route.route.metadata.filter_metadata if route.route else {},
        ignore_path_parameters=route.table is not None and route.table.ignore_path_parameters_in_path_matching,
    )


def _with_log_hint(request: HttpRequest, engine: Engine, decision: Decision) -> HttpRequest:
    """The action LOG writes whether the request matched into dynamic metadata."""
    if engine.action != "LOG" or decision.matched.is_unknown:
        return request
    return with_metadata(request, "envoy.common", {"access_log_hint": decision.matched.is_yes})
