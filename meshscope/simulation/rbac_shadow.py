"""Shadow rules change no answer; they leave metadata behind, which an external authorizer's filter may look at.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/rbac_filter#dynamic-metadata
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from meshscope.simulation.rbac import Decision, Engine

_READ_BY_NOBODY = ("", "istio_dry_run_allow_", "istio_dry_run_deny_")
"""Prefixes of results that only statistics and logs look at: a doubt about them changes no answer."""

Values = dict[str, Any]


def shadow_results(shadow: Decision, engine: Engine, prefix: str) -> Iterator[tuple[Values, str, str]]:
    """Each possible result: metadata, the condition under which it is so ("" if it is the only one), a note in words."""
    if not shadow.allowed.is_unknown:
        yield _values(prefix, shadow.policy, allowed=shadow.allowed.is_yes), "", _noted(shadow, engine)
    elif prefix in _READ_BY_NOBODY:
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
