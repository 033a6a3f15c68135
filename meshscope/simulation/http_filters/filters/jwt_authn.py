"""`envoy.filters.http.jwt_authn`: the first rule that matches says which token is required; 401 or 403 without it.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/jwt_authn_filter
"""

from __future__ import annotations

from collections.abc import Callable

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.hints import CLAIMS
from meshscope.simulation.http_filters.filter import (
    Configured,
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcome,
    FilterOutcomes,
    Reroute,
    assumed,
    ended,
    passed,
    possible,
)
from meshscope.simulation.http_filters.jwt.effects import before_tokens
from meshscope.simulation.http_filters.jwt.provider import MISSING, WRONG_AUDIENCE, Attempt
from meshscope.simulation.http_filters.jwt.requirement import Requirement, compiled
from meshscope.simulation.http_filters.jwt.rule import rule_matches
from meshscope.simulation.local_reply import local_reply, without_blanks
from meshscope.simulation.outcome import Outcome
from meshscope.simulation.verdict import Verdict
from meshscope.xds.jwt_authn import JwtAuthentication, JwtRequirement, PerRouteConfig, RequirementRule
from meshscope.xds.message import present

Rule = tuple[Callable[[HttpRequest, FilterContext], Verdict], Requirement | None, str]


def make(entry: FilterEntry, own: Configured, overrides: tuple[Configured, ...]) -> Filter:
    config = own.message
    said = overrides[0].message if overrides else None
    if not isinstance(config, JwtAuthentication):
        return lambda request, _: assumed(request, entry, "its configuration does not read")
    return _JwtAuthn(entry, config, said if isinstance(said, PerRouteConfig) else None)


class _JwtAuthn:
    def __init__(self, entry: FilterEntry, config: JwtAuthentication, said: PerRouteConfig | None) -> None:
        self._site, self._config, self._said = entry, config, said
        self._rules = tuple(self._rule(index, rule) for index, rule in enumerate(config.rules))

    def __call__(self, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        if self._config.bypass_cors_preflight and _is_preflight(request):
            return passed(request, context, self._site, "a CORS preflight")
        if self._said is not None:
            return self._at_route(self._said, request, context)
        return self._by_rules(request, context)

    def _by_rules(self, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        for matches, requirement, words in self._rules:
            verdict = matches(request, context)
            if verdict.is_unknown:
                return assumed(request, self._site, f"{words}: {verdict.because}")
            if verdict.is_yes and requirement is None:
                return passed(request, context, self._site, f"{words} requires nothing")
            if verdict.is_yes and requirement is not None:
                return self._required(requirement, words, request, context)
        if present(self._config.filter_state_rules):
            return assumed(request, self._site, "filter state decides which token is required")
        return passed(request, context, self._site, "no rule matches")

    def _rule(self, index: int, rule: RequirementRule) -> Rule:
        required = rule.requires or self._config.requirement_map.get(rule.requirement_name)
        words = f"rules[{index}]"
        return rule_matches(rule.match), self._compiled(required) if required else None, words

    def _compiled(self, required: JwtRequirement) -> Requirement:
        return compiled(required, self._config.providers)

    def _at_route(self, said: PerRouteConfig, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        name = said.requirement_name
        if said.disabled:
            return passed(request, context, self._site, "off at this route")
        required = self._config.requirement_map.get(name)
        if required is None:
            known = ",".join(sorted(self._config.requirement_map))
            fault = f"Wrong requirement_name: {name}. It should be one of [{known}]"
            details = f"jwt_authn_access_denied{{{without_blanks(fault)}}}"
            return ended(Disposition.DENIED, local_reply(request, 403, details), self._site, f"at this route: {fault}")
        return self._required(self._compiled(required), f"requirement {name} of the route", request, context)

    def _required(
        self, requirement: Requirement, words: str, request: HttpRequest, context: FilterContext
    ) -> FilterOutcomes:
        """Both ways where a key or the time is not known; nobody knows how likely they are."""
        request = before_tokens(request, self._config.providers.values())
        trusting = Attempt(request, context.options.claims, context.options.at, trust=True)
        held = self._outcome(requirement(trusting), trusting, words, context)
        if not trusting.doubts:
            return (held,)
        doubting = Attempt(request, context.options.claims, context.options.at, trust=False)
        failed = self._outcome(requirement(doubting), doubting, words, context)
        condition = " and ".join(trusting.doubts)
        return possible(held, condition), possible(failed, f"not so: {condition}")

    def _outcome(self, status: str, attempt: Attempt, words: str, context: FilterContext) -> FilterOutcome:
        if status:
            code = 403 if status == WRONG_AUDIENCE else 401
            details = f"jwt_authn_access_denied{{{without_blanks(status)}}}"
            hint = CLAIMS if status == MISSING else None
            response = local_reply(attempt.request, code, details)
            return ended(Disposition.DENIED, response, self._site, f"{words}: {status}", hint=hint)[0]
        subjects = ", ".join(f"{one.token.issuer}/{one.token.payload.get('sub', '')}" for one in attempt.accepted)
        because = f"{words}: {f'token of {subjects} accepted' if subjects else 'no token, and none is required'}"
        (outcome,) = passed(attempt.request, context, self._site, because)
        if any(one.provider.clear_route_cache for one in attempt.accepted):
            return Outcome(Reroute(attempt.request), steps=outcome.steps)
        return outcome


def _is_preflight(request: HttpRequest) -> bool:
    asks = "".join(request.values("access-control-request-method"))
    return request.method == "OPTIONS" and bool("".join(request.values("origin"))) and bool(asks)
