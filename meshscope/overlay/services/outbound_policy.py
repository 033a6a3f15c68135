"""What a sidecar does with requests to what it is not told of: passed through, or refused.

https://istio.io/latest/docs/reference/config/networking/sidecar/#OutboundTrafficPolicy
"""

from __future__ import annotations

import copy
from typing import Any

from msgspec import Struct

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.envoy.resource import CLUSTER, LISTENER, ROUTES, STATIC
from meshscope.istio.names import ClusterName
from meshscope.overlay.draft import Draft, Json
from meshscope.overlay.routes.host_table import LAST
from meshscope.overlay.services.not_exact import NotExactError
from meshscope.overlay.services.virtual_hosts import tables_of

_CLUSTERS = {"ALLOW_ANY": "PassthroughCluster", "REGISTRY_ONLY": "BlackHoleCluster"}
_CATCH_ALL = ("PassthroughFilterChain", "virtualOutbound-catchall-tcp")
"""Names of chains for all that is left; one of a service may lead to the same cluster as they do."""
_MATCH = {"prefix": "/"}
_ROUTES: dict[str, Json] = {
    "ALLOW_ANY": {
        "name": "allow_any",
        "match": _MATCH,
        "route": {"cluster": "PassthroughCluster", "timeout": "0s", "max_grpc_timeout": "0s"},
    },
    "REGISTRY_ONLY": {"name": "block_all", "match": _MATCH, "direct_response": {"status": 502}},
}


class Outlet(Struct, frozen=True):
    """`mode` is ALLOW_ANY or REGISTRY_ONLY, `cluster` where such requests go."""

    mode: str
    cluster: str


def outlet_of(configuration: Configuration, client: Client) -> Outlet:
    """Raises NotExactError."""
    sidecar = configuration.scope(client).sidecar
    own = sidecar.value.spec.outbound_traffic_policy if sidecar else None
    mode = own.mode if own else configuration.settings.outbound_traffic_policy.mode
    if mode not in _CLUSTERS:
        raise NotExactError(f"outboundTrafficPolicy of mode {mode} is not rebuilt")
    proxy = own.egress_proxy if own else None
    if proxy is None or mode != "ALLOW_ANY":
        return Outlet(mode, _CLUSTERS[mode])
    number = proxy.port.number if proxy.port else 0
    if "." not in proxy.host:
        raise NotExactError(f"whether the short name {proxy.host} of an egressProxy is made a full one is not known")
    return Outlet(mode, str(ClusterName("outbound", number, proxy.subset, proxy.host)))


def apply_outlet(draft: Draft, old: Outlet, new: Outlet) -> None:
    """To every route configuration and listener of a sidecar. Raises NotExactError."""
    if new.cluster not in _CLUSTERS.values() and draft.body(CLUSTER, new.cluster) is None:
        raise NotExactError(f"the proxy has no cluster {new.cluster} for its egressProxy, and istiod may send it one")
    for table in list(tables_of(draft)):
        hosts = [_last(each, new) for each in table.get("virtual_hosts", ())]
        if hosts != table.get("virtual_hosts"):
            draft.put(ROUTES, table["name"], {**table, "virtual_hosts": hosts})
    sent = (each.name for each in draft.client.proxy.resources(LISTENER) if each.state != STATIC)
    for name in (*sent, *draft.made(LISTENER)):
        body = draft.body(LISTENER, name)
        if body and body.get("traffic_direction") == "OUTBOUND":
            changed = copy.deepcopy(body)
            for chain in (*changed.get("filter_chains", ()), changed.get("default_filter_chain") or {}):
                if not chain.get("filter_chain_match"):
                    _lead(chain, old, new)
            if changed != body:
                draft.put(LISTENER, name, changed)


def _last(host: Json, new: Outlet) -> Json:
    route = copy.deepcopy(_ROUTES[new.mode])
    if host["name"] not in LAST:
        return host
    if "route" in route:
        route["route"]["cluster"] = new.cluster
    if host["name"] != route["name"]:
        return {**host, "name": route["name"], "routes": [route]}
    today = [one.get("route", {}).get("cluster") for one in host.get("routes", ())]
    return host if today == [route.get("route", {}).get("cluster")] else {**host, "routes": [route]}


def _lead(chain: Json, old: Outlet, new: Outlet) -> None:
    for each in chain.get("filters", ()):
        config: Any = each.get("typed_config", {})
        is_left = config.get("cluster") == old.cluster and chain.get("name") in _CATCH_ALL
        if config.get("cluster") in _CLUSTERS.values() or is_left:
            config["cluster"] = config["stat_prefix"] = new.cluster
