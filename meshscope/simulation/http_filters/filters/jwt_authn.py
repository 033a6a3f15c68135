"""`envoy.filters.http.jwt_authn`: the first matching rule decides which token is required; 401 or 403 without it.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/jwt_authn_filter
"""

from __future__ import annotations

from collections.abc import Callable

from meshscope.location import Location
from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.hints import CLAIMS
from meshscope.simulation.http_filters.filter import (
    Configuration,
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcome,
    FilterOutcomes,
    Reroute,
    assumed_to_pass,
    ends,
    passes,
    under_condition,
)
from meshscope.simulation.http_filters.jwt.attempt import Attempt
from meshscope.simulation.http_filters.jwt.blame import in_words
from meshscope.simulation.http_filters.jwt.effects import without_forged_headers
from meshscope.simulation.http_filters.jwt.provider import MISSING, WRONG_AUDIENCE
from meshscope.simulation.http_filters.jwt.requirement import Requirement, compile_requirement
from meshscope.simulation.http_filters.jwt.rule_match import rule_matches
from meshscope.simulation.local_reply import local_reply, without_blanks
from meshscope.simulation.outcome import Outcome
from meshscope.simulation.verdict import Verdict
from meshscope.xds.jwt_authn import JwtAuthentication, JwtProvider, JwtRequirement, PerRouteConfig, RequirementRule
from meshscope.xds.message import present

Rule = tuple[Callable[[HttpRequest, FilterContext], Verdict], Requirement | None, str]
"""Its match, its requirement (None: no token is required) and its name."""


def make(entry: FilterEntry, own: Configuration, overrides: tuple[Configuration, ...]) -> Filter:
    config = own.message
    per_route = overrides[0].message if overrides else None
    if not isinstance(config, JwtAuthentication):
        return lambda request, _: assumed_to_pass(request, entry, "its configuration cannot be read")
    return _JwtAuthn(entry, own.location, config, per_route if isinstance(per_route, PerRouteConfig) else None)


class _JwtAuthn:
    def __init__(
        self,
        entry: FilterEntry,
        location: Location | None,
        config: JwtAuthentication,
        per_route: PerRouteConfig | None,
    ) -> None:
        self._location = location
        self._entry, self._config, self._per_route = entry, config, per_route
        self._rules = tuple(self._compile_rule(index, rule) for index, rule in enumerate(config.rules))

    def __call__(self, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        request = without_forged_headers(request, self._config.providers.values())
        if self._config.bypass_cors_preflight and _is_preflight(request):
            return passes(request, context, self._entry, "a CORS preflight")
        if self._per_route is not None:
            return self._by_route(self._per_route, request, context)
        return self._by_rules(request, context)

    def _by_rules(self, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        for matches, requirement, name in self._rules:
            verdict = matches(request, context)
            if verdict.is_unknown:
                return assumed_to_pass(request, self._entry, f"{name}: {verdict.because}")
            if verdict.is_yes and requirement is None:
                return passes(request, context, self._entry, f"{name} requires no token")
            if verdict.is_yes and requirement is not None:
                return self._verify(requirement, name, request, context)
        if present(self._config.filter_state_rules):
            return assumed_to_pass(request, self._entry, "filter state decides which token is required")
        return passes(request, context, self._entry, "no rule matches")

    def _compile_rule(self, index: int, rule: RequirementRule) -> Rule:
        config = rule.requires or self._config.requirement_map.get(rule.requirement_name)
        return rule_matches(rule.match), self._compile(config) if config else None, f"rules[{index}]"

    def _compile(self, config: JwtRequirement) -> Requirement:
        return compile_requirement(config, self._config.providers)

    def _by_route(self, per_route: PerRouteConfig, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        name = per_route.requirement_name
        if per_route.disabled:
            return passes(request, context, self._entry, "disabled on this route")
        config = self._config.requirement_map.get(name)
        if config is None:
            names = ",".join(sorted(self._config.requirement_map))
            fault = f"Wrong requirement_name: {name}. It should be one of [{names}]"
            details = f"jwt_authn_access_denied{{{without_blanks(fault)}}}"
            return ends(Disposition.DENIED, local_reply(request, 403, details), self._entry, f"on this route: {fault}")
        return self._verify(self._compile(config), f"requirement {name} of the route", request, context)

    def _verify(
        self, requirement: Requirement, name: str, request: HttpRequest, context: FilterContext
    ) -> FilterOutcomes:
        """One outcome; several of unknown probability where the answer depends on an unknown key or time."""
        claims, at = context.options.claims, context.options.at
        trusting = Attempt(request, claims, at, assumptions_hold=True)
        outcome = self._outcome(requirement(trusting), trusting, name, context)
        if not trusting.assumptions:
            return (outcome,)
        condition = " and ".join(trusting.assumptions)
        outcomes = [under_condition(outcome, condition)]
        doubting = Attempt(request, claims, at, assumptions_hold=False)
        opposite = self._outcome(requirement(doubting), doubting, name, context)
        expired = ": it has expired" if doubting.may_be_early else ""
        outcomes.append(under_condition(opposite, f"not true: {condition}{expired}"))
        if doubting.may_be_early:
            early = Attempt(request, claims, at, assumptions_hold=False, early=True)
            opposite = self._outcome(requirement(early), early, name, context)
            outcomes.append(under_condition(opposite, f"not true: {condition}: it has yet to begin"))
        return tuple(outcomes)

    def _outcome(self, status: str, attempt: Attempt, name: str, context: FilterContext) -> FilterOutcome:
        if status:
            code = 403 if status == WRONG_AUDIENCE else 401
            details = f"jwt_authn_access_denied{{{without_blanks(status)}}}"
            hint = CLAIMS if status == MISSING else None
            response = local_reply(attempt.request, code, details)
            blamed = attempt.blamed_for(status)
            because = "; ".join(filter(None, (f"{name}: {status}", in_words(blamed, self._config.providers))))
            return ends(Disposition.DENIED, response, self._entry, because, hint=hint, **self._place(blamed))[0]
        subjects = ", ".join(
            f"{one.token.issuer}/{one.token.payload.get('sub', '')}" for one in attempt.accepted_tokens
        )
        because = f"{name}: {f'token of {subjects} accepted' if subjects else 'no token, and none is required'}"
        (outcome,) = passes(attempt.request, context, self._entry, because)
        if any(one.provider.clear_route_cache for one in attempt.accepted_tokens):
            return Outcome(Reroute(attempt.request), steps=outcome.steps)
        return outcome

    def _place(self, blamed: tuple[JwtProvider, ...]) -> dict[str, Location]:
        """Of the only provider that is to blame."""
        names = [name for name, one in self._config.providers.items() if any(one is other for other in blamed)]
        return {"location": self._location / "providers" / names[0]} if self._location and len(names) == 1 else {}


def _is_preflight(request: HttpRequest) -> bool:
    method = "".join(request.values("access-control-request-method"))
    return request.method == "OPTIONS" and bool("".join(request.values("origin"))) and bool(method)
