"""RBAC filters of one chain as JSON: their policies, and where istiod puts a filter that is not there.

Deny comes before allow, and both behind whoever reads tokens or asks an external authorizer
(https://istio.io/latest/docs/concepts/security/#implicit-enablement).
"""

from __future__ import annotations

import copy
from typing import Any

from meshscope.overlay.draft import Json

Filters = list[Any]
HTTP, TCP = "envoy.filters.http.rbac", "envoy.filters.network.rbac"
_TYPES = {
    HTTP: "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC",
    TCP: "type.googleapis.com/envoy.extensions.filters.network.rbac.v3.RBAC",
}
_ORDER = ("LOG", "DENY", "ALLOW")
_BEFORE = ("jwt_authn", "ext_authz")
_AFTER = ("grpc_stats", "fault", "cors", "stats", "alpn", "router", "tcp_proxy", "session", "grpc_web", "waypoint")
"""Parts of the names of filters that stand behind authorization."""


def action_of(one: Json) -> str:
    """The action that a filter enforces; "" for another filter, and for one that only counts."""
    config = one.get("typed_config") or {}
    if "rbac" not in config.get("@type", "") or "rules" not in config:
        return ""
    return str(config["rules"].get("action", "ALLOW"))


def _counted(one: Json) -> str:
    """The action of a filter that only counts what it would do."""
    config = one.get("typed_config") or {}
    is_rbac = "rbac" in config.get("@type", "")
    return str(config["shadow_rules"].get("action", "ALLOW")) if is_rbac and "shadow_rules" in config else ""


def policies_of(one: Json) -> dict[str, Any]:
    found: dict[str, Any] = one["typed_config"]["rules"].get("policies", {})
    return found


def with_policies(filters: Filters, action: str, policies: dict[str, Any] | None, kind: str) -> Filters:
    """The filters with these policies of an action; None takes the filter away."""
    index = next((number for number, one in enumerate(filters) if action_of(one) == action), None)
    if index is None:
        if policies is None:
            return filters
        config = {"@type": _TYPES[kind], "rules": _rules(action, policies)}
        if kind == TCP:
            config["stat_prefix"] = "tcp."
        place = _place(filters, action)
        return [*filters[:place], {"name": kind, "typed_config": config}, *filters[place:]]
    if policies is None:
        return _without_rules(filters, index)
    one = copy.deepcopy(filters[index])
    one["typed_config"]["rules"] = {**one["typed_config"]["rules"], "policies": policies}
    return [*filters[:index], one, *filters[index + 1 :]]


def _rules(action: str, policies: dict[str, Any]) -> dict[str, Any]:
    return {"policies": policies} if action == "ALLOW" else {"action": action, "policies": policies}


def _without_rules(filters: Filters, index: int) -> Filters:
    """A filter that also counts what dry runs would deny stays for that."""
    one = copy.deepcopy(filters[index])
    del one["typed_config"]["rules"]
    kept = [one] if "shadow_rules" in one["typed_config"] else []
    return [*filters[:index], *kept, *filters[index + 1 :]]


def _place(filters: Filters, action: str) -> int:
    for number, one in enumerate(filters):
        other = action_of(one) or _counted(one)
        if other and _ORDER.index(other) > _ORDER.index(action):
            return number
    behind = [
        number + 1
        for number, one in enumerate(filters)
        if action_of(one) or _counted(one) or any(word in one.get("name", "") for word in _BEFORE)
    ]
    if behind:
        return behind[-1]
    names = enumerate(one.get("name", "") for one in filters)
    return next((number for number, name in names if any(word in name for word in _AFTER)), len(filters))
