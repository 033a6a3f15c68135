"""The engine of role-based access control, for HTTP requests and for connections.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/rbac_filter
Policies are asked in the order of their names; the first that matches names the answer. A policy matches if any
permission, any principal and its condition hold. ALLOW denies what no policy matches, DENY what one matches.
"""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct

from meshscope.istio.policy_names import parse_rbac_policy
from meshscope.location import Location
from meshscope.simulation.local_reply import without_blanks
from meshscope.simulation.rbac_facts import CLAIMS, HINTS, TOKEN_FILTERS, RbacFacts
from meshscope.simulation.rbac_predicate import any_predicate
from meshscope.simulation.rbac_predicates import permission, principal
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
        self._has_condition = present(policy.condition) or present(policy.checked_condition)

    def decide(self, facts: RbacFacts) -> Verdict:
        who = self._principals.decide(facts)
        if who.is_no:
            return who
        what = self._permissions.decide(facts)
        if what.is_no:
            return what
        return all_of((who, what, _CONDITION) if self._has_condition else (who, what))

    def said(self) -> str:
        return f"{self._permissions.said}; from {self._principals.said}"

    def rejected(self, facts: RbacFacts, location: Location | None) -> Rejected:
        """Why it does not match; nearer where only one of permission and principal fails."""
        parts = (self._permissions, self._principals)
        failed = [part for part in parts if part.decide(facts).is_no]
        open_parts = failed or [part for part in parts if part.decide(facts).is_unknown]
        because = " · ".join(part.because(facts) for part in open_parts) or _CONDITION.because
        return Rejected(self.name, because, location and location / self.name, near=len(failed))


class Engine(Protocol):
    """Rules, or a matcher tree in their place."""

    action: str

    def decide(self, facts: RbacFacts) -> Decision: ...

    def rejected(self, facts: RbacFacts, location: Location | None, but: str = "", /) -> tuple[Rejected, ...]: ...

    def said(self, name: str, /) -> str: ...


class RbacEngine:
    """Rules made ready for thousands of questions."""

    def __init__(self, rules: Rules) -> None:
        self.action = rules.action
        self.policies = tuple(CompiledPolicy(name, rules.policies[name]) for name in sorted(rules.policies))

    def decide(self, facts: RbacFacts) -> Decision:
        """Unknown only where a policy that nobody can decide would change the answer."""
        doubt: Verdict | None = None
        doubtful: list[str] = []
        for policy in self.policies:
            verdict = policy.decide(facts)
            if verdict.is_yes:
                return Decision(_of_action(self.action, YES), policy.name, YES, tuple(doubtful))
            if verdict.is_unknown:
                doubt = doubt or verdict
                doubtful.append(policy.name)
        matched = doubt or no("no policy matches" if self.policies else "there are no policies")
        return Decision(_of_action(self.action, matched), "", matched, tuple(doubtful))

    def rejected(self, facts: RbacFacts, location: Location | None, but: str = "", /) -> tuple[Rejected, ...]:
        """Each policy that does not match with its reason, all except `but`; `location` is that of `policies`."""
        return tuple(policy.rejected(facts, location) for policy in self.policies if policy.name != but)

    def said(self, name: str) -> str:
        """What the policy of that name asks, to be put behind a sentence."""
        return next((f": {policy.said()}" for policy in self.policies if policy.name == name), "")


def _of_action(action: str, matched: Verdict) -> Verdict:
    if action == "LOG":
        return YES
    return ~matched if action == "DENY" else matched


def denied_details(policy: str) -> str:
    """The response code details, or a connection's termination details."""
    return f"rbac_access_denied_matched_policy[{without_blanks(policy) or 'none'}]"


def policy_owner(name: str) -> str | None:
    """The AuthorizationPolicy of a policy's name; None where it names none."""
    found = parse_rbac_policy(name)
    if found is None or not found.name:
        return None
    rule = "" if found.rule is None else f" rules[{found.rule}]"
    return f"AuthorizationPolicy {found.namespace}/{found.name}{rule}"


def hint_for(reason: str) -> str | None:
    """What to pass so that an unknown verdict with this reason is decided."""
    if any(f"metadata {name}" in reason for name in TOKEN_FILTERS):
        return CLAIMS
    return HINTS.get(reason)


def in_words(decision: Decision, engine: Engine, rejected: tuple[Rejected, ...]) -> str:
    """Why the engine decides so, in one line: the policy that matched, or the nearest that did not."""
    if decision.policy:
        return f"policy {decision.policy} matches{engine.said(decision.policy)}"
    if decision.allowed.is_unknown:
        return f"policy {', '.join(decision.doubtful)}: {decision.allowed.because}"
    if not rejected:
        return decision.matched.because
    nearest = min(rejected, key=lambda policy: policy.near)
    return f"no policy matches; policy {nearest.name}: {nearest.because}"
