"""The cluster by which a sidecar passes requests on to a port of its workload.

https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/cluster.go (buildInboundClusters)
"""

from __future__ import annotations

import copy
import re
from typing import Any

from meshscope.effect.clients import Client
from meshscope.effect.clusters.inbound_limits import inbound_limits
from meshscope.effect.clusters.made_facts import made_facts
from meshscope.effect.configuration import Configuration
from meshscope.effect.inbound_ports import InboundPort, inbound_ports
from meshscope.effect.workload_ports import workload_port
from meshscope.envoy.resource import CLUSTER
from meshscope.istio.objects.traffic_policy import TrafficPolicy
from meshscope.overlay.applied import named
from meshscope.overlay.clusters.policy_body import write_policy
from meshscope.overlay.draft import Draft, Json
from meshscope.overlay.services.not_exact import NotExactError
from meshscope.overlay.services.peers import peers

_LOOPBACK = ("127.0.0.1", "::1")
_ANY = ("0.0.0.0", "::")  # noqa: S104  # words of a manifest
_OF_ORIGINAL = ("lb_policy", "cleanup_interval")
_BIND = "upstream_bind_config"
_OPTIONS = "typed_extension_protocol_options"
_PASSTHROUGH = "ORIGINAL_DST"


def cluster_of_port(before: Configuration, after: Configuration, draft: Draft, port: InboundPort) -> Json:
    """Raises NotExactError."""
    body = _like(before, draft)
    old = str(body["name"])
    body["name"] = port.cluster
    if "alt_stat_name" in body:
        body["alt_stat_name"] = body["alt_stat_name"].replace(old, port.cluster)
    limits = inbound_limits(after, draft.client, port)
    write_policy(after, body, {}, made_facts(after, draft.client, port.protocol, limits.policy, is_inbound=True))
    if port.ingress is not None and port.ingress.default_endpoint:
        _send_to(body, port.ingress.default_endpoint, draft.client)
    istio: dict[str, Any] = {"services": _services(after, draft.client, port)} if port.target else {}
    if limits.rule is not None:
        istio["config"] = draft.config_path(named(limits.rule.item))
    body["metadata"] = {"filter_metadata": {"istio": istio}}
    return body


def _like(before: Configuration, draft: Draft) -> Json:
    """One without any rule, of the proxy or of one like it."""
    for client in (draft.client, *peers(before, draft.client, CLUSTER)):
        own = Draft(client)
        for port in inbound_ports(before, client):
            body = own.body(CLUSTER, port.cluster)
            limits = inbound_limits(before, client, port).policy or TrafficPolicy()
            plain = port.ingress is None and limits == TrafficPolicy()
            if body is not None and plain and body.get("type") == _PASSTHROUGH and _OPTIONS not in body:
                return copy.deepcopy(body)
    raise NotExactError("no inbound cluster of a proxy tells what others are like")


def _services(configuration: Configuration, client: Client, port: InboundPort) -> list[Json]:
    """Those that lead to the port."""
    return [
        {"host": one.host, "name": one.name, "namespace": one.namespace}
        for one in configuration.services_in_front(client)
        if any(port.target == workload_port(configuration, client, one, each) for each in one.ports)
    ]


def _send_to(body: Json, endpoint: str, client: Client) -> None:
    if endpoint.startswith("unix://"):
        address: Json = {"pipe": {"path": endpoint.removeprefix("unix://")}}
        body.pop(_BIND, None)
    else:
        found = re.fullmatch(r"\[?([\w.:]*?)\]?:(\d+)", endpoint)
        if found is None or found[1] not in (*_LOOPBACK, *_ANY):
            raise NotExactError(f"defaultEndpoint {endpoint} is none that istiod takes")
        host = found[1]
        if host in _LOOPBACK:
            body.pop(_BIND, None)
        else:
            host = own_address(client)
        address = {"socket_address": {"address": host, "port_value": int(found[2])}}
    for field in _OF_ORIGINAL:
        body.pop(field, None)
    body["type"] = "STATIC"
    endpoints = [{"lb_endpoints": [{"endpoint": {"address": address}}]}]
    body["load_assignment"] = {"cluster_name": body["name"], "endpoints": endpoints}


def own_address(client: Client) -> str:
    node = client.proxy.node_id
    if node is None or not node.ip:
        raise NotExactError("the proxy's own address was not captured")
    return node.ip
