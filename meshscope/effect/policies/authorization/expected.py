"""The RBAC policy that istiod makes of one rule, for HTTP or for connections.

https://github.com/istio/istio/blob/master/pilot/pkg/security/authz/model/model.go
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache

from msgspec import Struct

from meshscope.effect.policies.authorization.comparison import words
from meshscope.effect.policies.authorization.conditions import (
    ACCOUNTS,
    Asked,
    not_known,
    of_condition,
    of_operation,
    of_source,
)
from meshscope.effect.policies.authorization.dialect import Dialect
from meshscope.istio.objects.authorization_policy import Rule
from meshscope.xds.rbac import Permission, PermissionSet, Policy, Principal, PrincipalSet

ANYTHING, ANYBODY = Permission(any=True), Principal(any=True)
NEVER = Policy(permissions=(Permission(not_rule=ANYTHING),), principals=(Principal(not_id=ANYBODY),))
"""What istiod makes of a policy without rules."""


class Expected(Struct, frozen=True, dict=True):
    """`policy` is None where istiod leaves the rule out. Members of the rule by their path: `left_out` of the policy, or the
    reason that there is none; `unknown` to this program; `too_new` for the control plane. `is_quoting_known` is false where
    a regular expression may have its special characters quoted or not.
    """

    policy: Policy | None
    left_out: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    too_new: tuple[str, ...] = ()
    is_quoting_known: bool = True

    @cached_property
    def words(self) -> str:
        return words(self.policy) if self.policy else "no rule"


@lru_cache(maxsize=1 << 14)
def expected(rule: Rule, dialect: Dialect, *, is_allow: bool, is_tcp: bool) -> Expected:
    """What does not fit takes an ALLOW rule with it, so that less is allowed, and leaves other rules, which get wider."""
    building = _Building(dialect, is_tcp=is_tcp)
    conditions = [of_condition(one, f"when[{number}]", dialect) for number, one in enumerate(rule.when)]
    asked = [one for one in conditions if one.values or one.not_values]
    if missing := [one.words for one in asked if one.attribute is None]:
        return Expected(None, left_out=tuple(missing))
    about = [one for one in asked if one.attribute and one.attribute.is_permission]
    by = [one for one in asked if one.attribute and not one.attribute.is_permission]
    operations = [
        list(of_operation(one.operation, f"to[{number}]")) if one.operation else []
        for number, one in enumerate(rule.to)
    ]
    sources = [
        list(of_source(one.source, f"from[{number}]", dialect)) if one.source else []
        for number, one in enumerate(rule.from_)
    ]
    permissions = tuple(building.permission((*one, *about)) for one in operations or [[]])
    principals = tuple(building.principal((*one, *by)) for one in sources or [[]])
    new = (
        words
        for number, one in enumerate(rule.from_)
        if one.source
        for words in not_known(one.source, f"from[{number}]", dialect)
    )
    is_left_out = is_allow and building.left_out
    return Expected(
        None if is_left_out else Policy(permissions=permissions, principals=principals),
        left_out=tuple(dict.fromkeys(building.left_out)),
        unknown=tuple(dict.fromkeys(building.unknown)),
        too_new=tuple(new),
        is_quoting_known=building.is_quoting_known,
    )


class _Building:
    """Collects what does not fit while the parts are made."""

    def __init__(self, dialect: Dialect, *, is_tcp: bool) -> None:
        self._dialect, self._is_tcp = dialect, is_tcp
        self.left_out: list[str] = []
        self.unknown: list[str] = []
        self.is_quoting_known = True

    def permission(self, asked: Iterable[Asked]) -> Permission:
        parts: list[Permission] = []
        for one in asked:
            if some := self._permissions(one, one.values):
                parts.append(Permission(or_rules=PermissionSet(rules=some)))
            if some := self._permissions(one, one.not_values):
                parts.append(Permission(not_rule=Permission(or_rules=PermissionSet(rules=some))))
        return Permission(and_rules=PermissionSet(rules=tuple(parts) or (ANYTHING,)))

    def principal(self, asked: Iterable[Asked]) -> Principal:
        parts: list[Principal] = []
        for one in asked:
            if some := self._principals(one, one.values):
                parts.append(Principal(or_ids=PrincipalSet(ids=some)))
            if some := self._principals(one, one.not_values):
                parts.append(Principal(not_id=Principal(or_ids=PrincipalSet(ids=some))))
        return Principal(and_ids=PrincipalSet(ids=tuple(parts) or (ANYBODY,)))

    def _permissions(self, one: Asked, values: tuple[str, ...]) -> tuple[Permission, ...]:
        return tuple(made for made in self._made(one, values) if isinstance(made, Permission))

    def _principals(self, one: Asked, values: tuple[str, ...]) -> tuple[Principal, ...]:
        return tuple(made for made in self._made(one, values) if isinstance(made, Principal))

    def _made(self, one: Asked, values: tuple[str, ...]) -> Iterator[Permission | Principal]:
        attribute = one.attribute
        if attribute is None or not values:
            return
        if attribute.make is None:
            self.unknown.append(one.words)
        elif attribute.is_http and self._is_tcp:
            self.left_out.append(one.words)
        else:
            if attribute is ACCOUNTS and any(self._dialect.quoted(value) != value for value in values):
                self.is_quoting_known = False  # Istio's releases were not looked at for it
            for value in values:
                try:
                    yield attribute.make(value, self._dialect)
                except ValueError:
                    self.left_out.append(f"{one.words} {value!r}")
