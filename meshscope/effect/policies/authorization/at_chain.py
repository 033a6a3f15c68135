"""One rule of an AuthorizationPolicy at one filter chain."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from meshscope.effect.answer import Difference, State
from meshscope.effect.outcome import Outcome
from meshscope.effect.policies.authorization.comparison import differences, words
from meshscope.effect.policies.authorization.dialect import Dialect
from meshscope.effect.policies.authorization.entries import (
    ALL_DENIED,
    BROKEN,
    CUSTOM,
    Entry,
    authorizer,
    entries,
    entry_name,
    has_filter,
)
from meshscope.effect.policies.authorization.expected import NEVER, Expected, expected
from meshscope.effect.policies.chains import PolicyChain
from meshscope.envoy.resource import LISTENER
from meshscope.istio.objects.authorization_policy import Rule
from meshscope.path import Path
from meshscope.xds.message import Undecodable

ACTIONS = {"": "ALLOW", "ALLOW": "ALLOW", "DENY": "DENY", "AUDIT": "LOG", "CUSTOM": "DENY"}
"""Of Istio's actions those of the RBAC filters."""


class AskedRule(Struct, frozen=True, kw_only=True):
    """`rule` is None for a policy without rules. `provider` is that of a CUSTOM policy, "" where it names none."""

    path: Path
    index: int
    rule: Rule | None
    namespace: str
    name: str
    action: str
    is_dry_run: bool
    provider: str
    providers: tuple[str, ...]
    dialect: Dialect

    @property
    def is_custom(self) -> bool:
        return self.action == "CUSTOM"

    @property
    def names(self) -> tuple[str, ...]:
        """Of its entry; the provider stands in it since 1.30."""
        own = entry_name(self.namespace, self.name, self.index)
        if not self.is_custom:
            return (own,)
        with_provider = (f"{CUSTOM}{self.provider}-{own}",) if self.provider else ()
        return (*with_provider, f"{CUSTOM}{own}")

    def expected(self, *, is_tcp: bool) -> Expected:
        if self.rule is None:
            return Expected(NEVER)
        return expected(self.rule, self.dialect, is_allow=ACTIONS.get(self.action) == "ALLOW", is_tcp=is_tcp)


def outcome_at(chain: PolicyChain, asked: AskedRule, *, is_wide_there: bool, has_http_provider: bool) -> Outcome:
    """`is_wide_there`: nothing but connections of the port is checked by this chain, so that a rule that lost its HTTP members
    there is worth a word. `has_http_provider`: the external authorizer speaks HTTP, which connections do not.
    """
    want = asked.expected(is_tcp=not chain.is_http)
    broken = [f"{name}{BROKEN}" for name in asked.names] + [ALL_DENIED] if asked.is_custom else []
    found: list[Entry] = []
    for one in entries(chain, *asked.names, *broken):
        if isinstance(one, Undecodable):
            return _outcome(
                chain, asked, want, State.UNKNOWN, f"an RBAC filter of the {chain} does not read: {one.why}"
            )
        found.append(one)
    if bad := next((one for one in found if one.name in broken), None):
        because = f"the {chain} denies what matches: {_provider_fault(asked)}"
        return _outcome(chain, asked, want, State.NOT_IN_EFFECT, because, bad)
    best = min(found, key=lambda one: _faults(one, asked), default=None)
    if best is None:
        return _missing(chain, asked, want, has_http_provider=has_http_provider)
    if because := _misplaced(best, asked):
        return _outcome(chain, asked, want, State.NOT_IN_EFFECT, f"in the {chain} {because}", best)
    if asked.is_custom and authorizer(chain, best.name) is None:
        because = f"no external authorizer stands behind {best.name} in the {chain}"
        return _outcome(chain, asked, want, State.NOT_IN_EFFECT, because, best)
    return _compared(chain, asked, want, best, is_wide_there=is_wide_there)


def _provider_fault(asked: AskedRule) -> str:
    provider = asked.provider or "without a name"
    if asked.providers and asked.provider not in asked.providers:
        return f"provider {provider} is none of the mesh's extensionProviders ({', '.join(asked.providers)})"
    return f"istiod cannot use provider {provider}, or the workload has several"


def _faults(one: Entry, asked: AskedRule) -> int:
    is_shadow = asked.is_dry_run or asked.is_custom
    return (one.action != ACTIONS.get(asked.action)) + (one.is_shadow != is_shadow)


def _misplaced(one: Entry, asked: AskedRule) -> str:
    if one.action != ACTIONS.get(asked.action):
        return f"it stands in the RBAC filter of action {one.action}, not {ACTIONS.get(asked.action, asked.action)}"
    if asked.is_custom:
        return "" if one.is_shadow else "it denies by itself instead of asking the provider"
    if asked.is_dry_run and not one.is_shadow:
        return "it is enforced, although it is a dry run"
    if one.is_shadow and not asked.is_dry_run:
        return "it is a dry run: it stands in shadow_rules and denies nothing"
    return ""


def _missing(chain: PolicyChain, asked: AskedRule, want: Expected, *, has_http_provider: bool) -> Outcome:
    members = ", ".join(want.left_out)
    if want.policy is None:
        because = f"istiod cannot use {members}"
        if not chain.is_http:
            because = f"{chain}: connections have no {members}, and an ALLOW rule with it is left out"
        return _outcome(chain, asked, want, State.NOT_IN_EFFECT, because, is_local=not chain.is_http)
    if asked.is_custom and has_http_provider and not chain.is_http:
        because = f"{chain}: the provider speaks HTTP and is not asked about connections"
        return _outcome(chain, asked, want, State.NOT_IN_EFFECT, because, is_local=True)
    action = ACTIONS.get(asked.action, asked.action)
    because = f"the {chain} has no {asked.names[0]}"
    if not has_filter(chain, action):
        because = f"the {chain} has no RBAC filter of action {action}"
    return _outcome(chain, asked, want, State.NOT_IN_EFFECT, because)


def _compared(chain: PolicyChain, asked: AskedRule, want: Expected, entry: Entry, *, is_wide_there: bool) -> Outcome:
    if want.policy is None:
        because = f"the {chain} has {entry.name}, which istiod would leave out for {', '.join(want.left_out)}"
        extra = Difference("policy", "", words(entry.policy))
        return replace(_outcome(chain, asked, want, State.PARTLY, because, entry), differences=(extra,))
    if want.unknown:
        because = f"{', '.join(want.unknown)}: not compared"
        return _outcome(chain, asked, want, State.UNKNOWN, because, entry)
    found = differences(want.policy, entry.policy, quoting_matters=want.is_quoting_known)
    if found:
        because = f"{chain}: {'; '.join(map(str, found))}"
        return replace(_outcome(chain, asked, want, State.PARTLY, because, entry), differences=found)
    if want.too_new:
        because = f"the control plane does not know {', '.join(want.too_new)}: the rule is wider than it is written"
        return _outcome(chain, asked, want, State.PARTLY, because, entry)
    if want.left_out and is_wide_there:
        because = f"{chain}: connections have no {', '.join(want.left_out)}, so that the {asked.action} rule matches more there"
        return _outcome(chain, asked, want, State.PARTLY, because, entry)
    return _outcome(chain, asked, want, State.IN_EFFECT, entry.name, entry)


def _outcome(  # noqa: PLR0913, PLR0917  # what an outcome is made of
    chain: PolicyChain,
    asked: AskedRule,
    want: Expected,
    state: State,
    because: str,
    entry: Entry | None = None,
    *,
    is_local: bool = False,
) -> Outcome:
    return Outcome(
        asked.path,
        state,
        because,
        is_local=is_local,
        expected=want.words,
        actual=(want.words if state is State.IN_EFFECT else words(entry.policy)) if entry else None,
        made=chain.resource.location.below(entry.path) if entry else None,
        kind=LISTENER,
        name=chain.resource.name,
    )
