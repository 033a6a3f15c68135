"""Where the filters of plugins stand among the HTTP filters of a connection manager.

https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/listener_builder.go (buildHTTPConnectionManager)
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from meshscope.overlay.draft import Json
from meshscope.overlay.extensions.plugins import PHASES

_CUSTOM = "istio_ext_authz_"
"""A filter that prepares an external authorizer's decision stands before all plugins."""
_RBAC = "filters.http.rbac.v3.RBAC"
_AUTHENTICATION = ("envoy.filters.http.jwt_authn", "istio_authn")
_BEHIND = (
    "envoy.filters.http.ext_proc", "envoy.filters.http.grpc_web", "envoy.filters.http.grpc_stats", "istio.alpn",
    "envoy.filters.http.fault", "envoy.filters.http.cors", "istio.stats", "istio.stackdriver",
    "envoy.filters.http.stateful_session", "envoy.filters.http.router",
)  # fmt: skip
_METADATA_EXCHANGE = "istio.metadata_exchange"
"""Before Istio 1.16 behind the plugins, since then before all that decides."""


def arranged(
    filters: Sequence[Json], names: Collection[str], plugins: Sequence[tuple[str, Json]], *, is_old: bool
) -> list[Json]:
    """The filters without those of `names`, and with those of `plugins`, each with its phase, in their order.

    `is_old`: of a control plane before Istio 1.16.
    """
    found = [one for one in filters if one.get("name") not in names]
    for phase in PHASES:
        own = [one for each, one in plugins if each == phase]
        at = _place(found, phase, is_old=is_old) if own else 0
        found[at:at] = own
    return found


def _place(filters: Sequence[Json], phase: str, *, is_old: bool) -> int:
    behind = (*_BEHIND, _METADATA_EXCHANGE) if is_old else _BEHIND
    for number, one in enumerate(filters):
        name = one.get("name", "")
        if name in behind:
            return number
        if phase == "AUTHN" and name in _AUTHENTICATION:
            return number
        if phase in ("AUTHN", "AUTHZ") and _authorizes(one):
            return number
    return len(filters)


def _authorizes(one: Json) -> bool:
    config = one.get("typed_config") or {}
    return config.get("@type", "").endswith(_RBAC) and not config.get("shadow_rules_stat_prefix", "").startswith(
        _CUSTOM
    )
