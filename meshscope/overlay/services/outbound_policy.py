"""What a sidecar does with requests to what it is not told of: passed through, or refused.

https://istio.io/latest/docs/reference/config/networking/sidecar/#OutboundTrafficPolicy
"""

from __future__ import annotations

import copy
from typing import Any

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.envoy.resource import LISTENER, ROUTES, STATIC
from meshscope.overlay.draft import Draft, Json
from meshscope.overlay.routes.host_table import LAST
from meshscope.overlay.services.not_exact import NotExactError
from meshscope.overlay.services.virtual_hosts import tables_of

_CLUSTERS = {"ALLOW_ANY": "PassthroughCluster", "REGISTRY_ONLY": "BlackHoleCluster"}
_MATCH = {"prefix": "/"}
_ROUTES: dict[str, Json] = {
    "ALLOW_ANY": {
        "name": "allow_any",
        "match": _MATCH,
        "route": {"cluster": "PassthroughCluster", "timeout": "0s", "max_grpc_timeout": "0s"},
    },
    "REGISTRY_ONLY": {"name": "block_all", "match": _MATCH, "direct_response": {"status": 502}},
}


def mode_of(configuration: Configuration, client: Client) -> str:
    """ALLOW_ANY or REGISTRY_ONLY. Raises NotExactError."""
    sidecar = configuration.scope(client).sidecar
    own = sidecar.value.spec.outbound_traffic_policy if sidecar else None
    if own and own.egress_proxy:
        raise NotExactError("an egressProxy is not rebuilt")
    return own.mode if own else configuration.settings.outbound_traffic_policy.mode


def apply_mode(draft: Draft, mode: str) -> None:
    """To every route configuration and listener of a sidecar."""
    if mode not in _CLUSTERS:
        raise NotExactError(f"outboundTrafficPolicy of mode {mode} is not rebuilt")
    for table in list(tables_of(draft)):
        hosts = [_last(each, mode) for each in table.get("virtual_hosts", ())]
        if hosts != table.get("virtual_hosts"):
            draft.put(ROUTES, table["name"], {**table, "virtual_hosts": hosts})
    sent = (each.name for each in draft.client.proxy.resources(LISTENER) if each.state != STATIC)
    for name in (*sent, *draft.made(LISTENER)):
        body = draft.body(LISTENER, name)
        if body and body.get("traffic_direction") == "OUTBOUND":
            new = copy.deepcopy(body)
            for chain in (*new.get("filter_chains", ()), new.get("default_filter_chain") or {}):
                if not chain.get("filter_chain_match"):
                    _lead(chain, mode)
            if new != body:
                draft.put(LISTENER, name, new)


def _last(host: Json, mode: str) -> Json:
    route = _ROUTES[mode]
    if host["name"] not in LAST or host["name"] == route["name"]:
        return host
    return {**host, "name": route["name"], "routes": [copy.deepcopy(route)]}


def _lead(chain: Json, mode: str) -> None:
    for each in chain.get("filters", ()):
        config: Any = each.get("typed_config", {})
        if config.get("cluster") in _CLUSTERS.values():
            config["cluster"] = config["stat_prefix"] = _CLUSTERS[mode]
