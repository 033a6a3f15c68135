"""The engine of role-based access control, for HTTP requests and for connections.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/rbac_filter
Policies are asked in the order of their names; the first that matches names the answer. A policy matches if any
permission, any principal and its condition hold. ALLOW denies what no policy matches, DENY what one matches.
Shadow rules change no answer; they leave dynamic metadata behind.
https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/rbac_filter#dynamic-metadata
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from msgspec import Struct

from meshscope.istio.policy_names import parse_rbac_policy
from meshscope.location import Location
from meshscope.simulation.hints import CLAIMS, Hint
from meshscope.simulation.local_reply import without_blanks
from meshscope.simulation.matching.near_miss import ranked
from meshscope.simulation.rbac.facts import HINTS, TOKEN_FILTERS, RbacFacts
from meshscope.simulation.rbac.predicate import any_predicate
from meshscope.simulation.rbac.rules import permission, principal
from meshscope.simulation.trace import Rejected
from meshscope.simulation.verdict import YES, Verdict, all_of, no, unknown
from meshscope.xds.message import present
from meshscope.xds.rbac import Policy, Rules

_CONDITION = unknown("its condition is a CEL expression")


class Decision(Struct, frozen=True):
    """Whether the engine lets it pass; `policy` is the one that matched ("" none), `matched` whether one did."""

    allowed: Verdict
    policy: str = ""
    matched: Verdict = YES
    doubtful: tuple[str, ...] = ()


class CompiledPolicy:
    """One policy by name."""

    def __init__(self, name: str, policy: Policy) -> None:
        self.name = name
        self._permissions = any_predicate(tuple(map(permission, policy.permissions)))
        self._principals = any_predicate(tuple(map(principal, policy.principals)))
        self._condition = YES
        if policy.unread:
            self._condition = unknown(policy.doubt)
        elif present(policy.condition) or present(policy.checked_condition):
            self._condition = _CONDITION

    def decide(self, facts: RbacFacts) -> Verdict:
        who = self._principals.decide(facts)
        if who.is_no:
            return who
        what = self._permissions.decide(facts)
        if what.is_no:
            return what
        return all_of((who, what, self._condition))

    def wants(self) -> str:
        return f"{self._permissions.wants}; from {self._principals.wants}"

    def rejected(self, facts: RbacFacts, location: Location | None) -> Rejected:
        """Why it does not match; nearer where only one of permission and principal fails."""
        parts = (self._permissions, self._principals)
        failed = [part for part in parts if part.decide(facts).is_no]
        open_parts = failed or [part for part in parts if part.decide(facts).is_unknown]
        because = " · ".join(dict.fromkeys(part.because(facts) for part in open_parts)) or self._condition.because
        return Rejected(self.name, because, location and location / self.name, near=len(failed))


class Engine(Protocol):
    """Rules, or a matcher tree in their place."""

    action: str

    def decide(self, facts: RbacFacts) -> Decision: ...

    def rejected(self, facts: RbacFacts, location: Location | None, but: str = "", /) -> tuple[Rejected, ...]: ...

    def wants(self, name: str, /) -> str: ...


class RbacEngine:
    """Rules made ready for thousands of questions."""

    def __init__(self, rules: Rules) -> None:
        self.action = rules.action
        self.policies = tuple(CompiledPolicy(name, rules.policies[name]) for name in sorted(rules.policies))

    def decide(self, facts: RbacFacts) -> Decision:
        """Unknown only where a policy that cannot be decided would change the answer."""
        doubt: Verdict | None = None
        doubtful: list[str] = []
        for policy in self.policies:
            verdict = policy.decide(facts)
            if verdict.is_yes:
                return Decision(of_action(self.action, YES), policy.name, YES, tuple(doubtful))
            if verdict.is_unknown:
                doubt = doubt or verdict
                doubtful.append(policy.name)
        matched = doubt or no("no policy matches" if self.policies else "there are no policies")
        return Decision(of_action(self.action, matched), "", matched, tuple(doubtful))

    def rejected(self, facts: RbacFacts, location: Location | None, but: str = "", /) -> tuple[Rejected, ...]:
        """Each policy that does not match with its reason, all except `but`; `location` is that of `policies`."""
        return tuple(policy.rejected(facts, location) for policy in self.policies if policy.name != but)

    def wants(self, name: str) -> str:
        """What the policy of that name asks, to be put behind a sentence."""
        return next((f": {policy.wants()}" for policy in self.policies if policy.name == name), "")


def of_action(action: str, matched: Verdict) -> Verdict:
    name = _ACTIONS.get(action.upper())
    if name is None:
        return unknown(f"action {action} is not known to meshscope")
    if name == "LOG":
        return YES
    return ~matched if name == "DENY" else matched


_ACTIONS = {"ALLOW": "ALLOW", "DENY": "DENY", "LOG": "LOG", "0": "ALLOW", "1": "DENY", "2": "LOG"}


def denied_details(policy: str) -> str:
    """The response code details, or a connection's termination details."""
    return f"rbac_access_denied_matched_policy[{without_blanks(policy) or 'none'}]"


def policy_owner(name: str) -> str | None:
    """The AuthorizationPolicy of a policy's name; None where it names none."""
    found = parse_rbac_policy(name)
    return found.owner if found else None


def hint_for(reason: str) -> Hint | None:
    """What decides an unknown verdict with this reason."""
    if any(f"metadata {name}" in reason for name in TOKEN_FILTERS):
        return CLAIMS
    return HINTS.get(reason)


def in_words(decision: Decision, engine: Engine, rejected: tuple[Rejected, ...]) -> str:
    """Why the engine decides so, in one line: the policy that matched, or the nearest that did not."""
    if decision.policy:
        return f"policy {decision.policy} matches{engine.wants(decision.policy)}"
    if decision.allowed.is_unknown:
        return f"policy {', '.join(decision.doubtful)}: {decision.allowed.because}"
    if not rejected:
        return decision.matched.because
    nearest = ranked(rejected)[0]
    return f"no policy matches; policy {nearest.name}: {nearest.because}"


def to_change(
    decision: Decision, rejected: tuple[Rejected, ...], policies: Location | None
) -> tuple[str | None, Location | None]:
    """The object that decides and its place: that of the policy that matched; where none did and one should have, that of the
    nearest. `policies` is their place. None where there is neither.
    """
    if decision.policy or not (decision.allowed.is_no and rejected):
        return policy_owner(decision.policy), policies / decision.policy if policies and decision.policy else None
    nearest = ranked(rejected)[0]
    return policy_owner(nearest.name), nearest.location


_ONLY_LOGGED = ("", "istio_dry_run_allow_", "istio_dry_run_deny_")
"""Prefixes of results that only statistics and logs read: a doubt about them changes no answer."""


Values = dict[str, Any]


def shadow_results(shadow: Decision, engine: Engine, prefix: str) -> Iterator[tuple[Values, str, str]]:
    """Each possible result: metadata, the condition under which it is so ("" if it is the only one), a note in words."""
    if not shadow.allowed.is_unknown:
        yield _values(prefix, shadow.policy, allowed=shadow.allowed.is_yes), "", _noted(shadow, engine)
    elif prefix in _ONLY_LOGGED:
        yield {}, "", _noted(shadow, engine)
    else:
        policy = shadow.doubtful[0]
        for words, matches in (("matching", True), ("not matching", False)):
            values = _values(prefix, policy if matches else "", allowed=matches != (engine.action == "DENY"))
            condition = f"{words} shadow policy {policy} ({shadow.allowed.because})"
            yield values, condition, f"assuming it is {condition}"


def _values(prefix: str, policy: str, *, allowed: bool) -> Values:
    result = {f"{prefix}shadow_engine_result": "allowed" if allowed else "denied"}
    return {**result, f"{prefix}shadow_effective_policy_id": policy} if policy else result


def _noted(shadow: Decision, engine: Engine) -> str:
    """What the shadow rules would do."""
    if shadow.policy.startswith("istio-ext-authz"):
        return f"policy {shadow.policy} asks the external authorizer"
    if shadow.allowed.is_unknown:
        return f"shadow rules ({engine.action}) are not decided: {shadow.allowed.because}"
    by = f" by policy {shadow.policy}" if shadow.policy else ""
    return f"shadow rules ({engine.action}) would {'let it pass' if shadow.allowed.is_yes else 'deny it'}{by}"
