"""`envoy.filters.http.jwt_authn`: the first rule that matches says which token is required; 401 or 403 without it.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/jwt_authn_filter
"""

from __future__ import annotations

from collections.abc import Callable

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.http_filter import (
    Configured,
    Going,
    Outcomes,
    Reroute,
    Run,
    Scene,
    Site,
    assumed,
    ended,
    passed,
    possible,
)
from meshscope.simulation.jwt_check import MISSING, WRONG_AUDIENCE, Attempt
from meshscope.simulation.jwt_effects import before_tokens
from meshscope.simulation.jwt_requirement import Requirement, compiled
from meshscope.simulation.jwt_rule import rule_matches
from meshscope.simulation.local_reply import local_reply, without_blanks
from meshscope.simulation.outcome import Outcome
from meshscope.simulation.rbac_facts import CLAIMS
from meshscope.simulation.verdict import Verdict
from meshscope.xds.jwt_authn import JwtAuthentication, JwtRequirement, PerRouteConfig, RequirementRule
from meshscope.xds.message import present

Rule = tuple[Callable[[HttpRequest, Scene], Verdict], Requirement | None, str]


def make(site: Site, own: Configured, overrides: tuple[Configured, ...]) -> Run:
    config = own.message
    said = overrides[0].message if overrides else None
    if not isinstance(config, JwtAuthentication):
        return lambda request, _: assumed(request, site, "its configuration does not read")
    return _JwtAuthn(site, config, said if isinstance(said, PerRouteConfig) else None)


class _JwtAuthn:
    def __init__(self, site: Site, config: JwtAuthentication, said: PerRouteConfig | None) -> None:
        self._site, self._config, self._said = site, config, said
        self._rules = tuple(self._rule(index, rule) for index, rule in enumerate(config.rules))

    def __call__(self, request: HttpRequest, scene: Scene) -> Outcomes:
        if self._config.bypass_cors_preflight and _is_preflight(request):
            return passed(request, scene, self._site, "a CORS preflight")
        if self._said is not None:
            return self._at_route(self._said, request, scene)
        return self._by_rules(request, scene)

    def _by_rules(self, request: HttpRequest, scene: Scene) -> Outcomes:
        for matches, requirement, words in self._rules:
            verdict = matches(request, scene)
            if verdict.is_unknown:
                return assumed(request, self._site, f"{words}: {verdict.because}")
            if verdict.is_yes and requirement is None:
                return passed(request, scene, self._site, f"{words} requires nothing")
            if verdict.is_yes and requirement is not None:
                return self._required(requirement, words, request, scene)
        if present(self._config.filter_state_rules):
            return assumed(request, self._site, "filter state decides which token is required")
        return passed(request, scene, self._site, "no rule matches")

    def _rule(self, index: int, rule: RequirementRule) -> Rule:
        required = rule.requires or self._config.requirement_map.get(rule.requirement_name)
        words = f"rules[{index}]"
        return rule_matches(rule.match), self._compiled(required) if required else None, words

    def _compiled(self, required: JwtRequirement) -> Requirement:
        return compiled(required, self._config.providers)

    def _at_route(self, said: PerRouteConfig, request: HttpRequest, scene: Scene) -> Outcomes:
        name = said.requirement_name
        if said.disabled:
            return passed(request, scene, self._site, "off at this route")
        required = self._config.requirement_map.get(name)
        if required is None:
            known = ",".join(sorted(self._config.requirement_map))
            fault = f"Wrong requirement_name: {name}. It should be one of [{known}]"
            details = f"jwt_authn_access_denied{{{without_blanks(fault)}}}"
            return ended("denied", local_reply(request, 403, details), self._site, f"at this route: {fault}")
        return self._required(self._compiled(required), f"requirement {name} of the route", request, scene)

    def _required(self, requirement: Requirement, words: str, request: HttpRequest, scene: Scene) -> Outcomes:
        """Both ways where a key or the time is not known; nobody knows how likely they are."""
        request = before_tokens(request, self._config.providers.values())
        trusting = Attempt(request, scene.claims, scene.at, trust=True)
        held = self._outcome(requirement(trusting), trusting, words, scene)
        if not trusting.doubts:
            return (held,)
        doubting = Attempt(request, scene.claims, scene.at, trust=False)
        failed = self._outcome(requirement(doubting), doubting, words, scene)
        condition = " and ".join(trusting.doubts)
        return possible(held, condition), possible(failed, f"not so: {condition}")

    def _outcome(self, status: str, attempt: Attempt, words: str, scene: Scene) -> Going:
        if status:
            code = 403 if status == WRONG_AUDIENCE else 401
            details = f"jwt_authn_access_denied{{{without_blanks(status)}}}"
            hint = CLAIMS if status == MISSING else None
            response = local_reply(attempt.request, code, details)
            return ended("denied", response, self._site, f"{words}: {status}", hint=hint)[0]
        subjects = ", ".join(f"{one.token.issuer}/{one.token.payload.get('sub', '')}" for one in attempt.accepted)
        because = f"{words}: {f'token of {subjects} accepted' if subjects else 'no token, and none is required'}"
        (outcome,) = passed(attempt.request, scene, self._site, because)
        if any(one.provider.clear_route_cache for one in attempt.accepted):
            return Outcome(Reroute(attempt.request), steps=outcome.steps)
        return outcome


def _is_preflight(request: HttpRequest) -> bool:
    asks = "".join(request.values("access-control-request-method"))
    return request.method == "OPTIONS" and bool("".join(request.values("origin"))) and bool(asks)
