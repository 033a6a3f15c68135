"""The entries of a chain's RBAC filters, by the names that istiod gives them."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from meshscope.effect.policies.chains import PolicyChain
from meshscope.path import Path
from meshscope.xds.ext_authz import ExtAuthz
from meshscope.xds.extension import Extension, Unmodelled
from meshscope.xds.message import Undecodable, decode, present
from meshscope.xds.rbac import RBAC, Policy
from meshscope.xds.value_matcher import ValueMatcher

CUSTOM = "istio-ext-authz-"
BROKEN = "-deny-due-to-bad-CUSTOM-action"
ALL_DENIED = "default-deny-all-due-to-bad-CUSTOM-action"


class Entry(Struct, frozen=True):
    """`is_shadow`: it is counted and written down, and denies nothing."""

    name: str
    action: str
    is_shadow: bool
    policy: Policy
    path: Path


def entry_name(namespace: str, name: str, index: int) -> str:
    return f"ns[{namespace}]-policy[{name}]-rule[{index}]"


def entries(chain: PolicyChain, *names: str) -> Iterator[Entry | Undecodable]:
    """Those with one of the names, in the order of the filters; Undecodable for each RBAC filter that does not read."""
    for path, extension in chain.filters():
        config = extension.config
        if isinstance(config, Undecodable) and "rbac" in extension.type_name:
            yield config
        elif isinstance(config, RBAC):
            for field, rules in (("rules", config.rules), ("shadow_rules", config.shadow_rules)):
                for name in names if rules else ():
                    if rules and (policy := rules.policies.get(name)):
                        where = (*path, "typed_config", field, "policies", name)
                        yield Entry(name, rules.action, field == "shadow_rules", policy, where)


def has_filter(chain: PolicyChain, action: str) -> bool:
    """Whether some RBAC filter of the action is there at all."""
    return any(
        rules is not None and rules.action == action
        for _, extension in chain.filters()
        if isinstance(extension.config, RBAC)
        for rules in (extension.config.rules, extension.config.shadow_rules)
    )


def authorizer(chain: PolicyChain, name: str) -> ExtAuthz | None:
    """The external authorizer that is asked about requests that an entry of this name matches; None without one."""
    for _, extension in chain.filters():
        found = _ext_authz(extension)
        matcher = found.filter_enabled_metadata if found else None
        if found is None or matcher is None or not present(matcher.value):
            continue
        value = decode(matcher.value, ValueMatcher)
        if (
            isinstance(value, ValueMatcher)
            and value.string_match
            and name.startswith(value.string_match.prefix or "\0")
        ):
            return found
    return None


def _ext_authz(extension: Extension) -> ExtAuthz | None:
    config = extension.config
    if isinstance(config, Unmodelled) and config.type_name.endswith("network.ext_authz.v3.ExtAuthz"):
        read = decode(config.raw, ExtAuthz)
        return read if isinstance(read, ExtAuthz) else None
    return config if isinstance(config, ExtAuthz) else None
