"""The cluster by which a sidecar passes requests on to a port of its workload.

https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/cluster.go (buildInboundClusters)
"""

from __future__ import annotations

import copy
import re
from typing import Any

from meshscope.effect.clients import Client
from meshscope.effect.clusters.choice import chosen
from meshscope.effect.clusters.expected import policy_facts
from meshscope.effect.clusters.policy import for_port
from meshscope.effect.configuration import Configuration
from meshscope.effect.defaults.inbound import InboundPort, inbound_ports
from meshscope.effect.policies.workload_ports import workload_ports
from meshscope.envoy.resource import CLUSTER
from meshscope.istio.objects.connection_pool import ConnectionPoolSettings
from meshscope.istio.objects.traffic_policy import TrafficPolicy
from meshscope.istio.protocol import Family
from meshscope.istio.provenance import ObjectRef
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
_HTTP = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
_HTTP2 = ("HTTP2", "GRPC")
_PASSTHROUGH = "ORIGINAL_DST"


def cluster_of_port(before: Configuration, after: Configuration, draft: Draft, port: InboundPort) -> Json:
    """Raises NotExactError."""
    body = _like(before, draft)
    old = str(body["name"])
    body["name"] = port.cluster
    if "alt_stat_name" in body:
        body["alt_stat_name"] = body["alt_stat_name"].replace(old, port.cluster)
    pool, owner = _pool(after, draft.client, port)
    if pool is not None:
        write_policy(after, body, {}, policy_facts(TrafficPolicy(connection_pool=pool)))
    if port.protocol.family is Family.AUTO:
        _speak(body, "use_downstream_protocol_config", {"http_protocol_options": {}, "http2_protocol_options": {}})
    elif port.protocol.name in _HTTP2:
        _speak(body, "explicit_http_config", {"http2_protocol_options": {}})
    if port.ingress is not None and port.ingress.default_endpoint:
        _send_to(body, port.ingress.default_endpoint, draft.client)
    istio: dict[str, Any] = {"services": _services(after, draft.client, port)} if port.target else {}
    if owner is not None:
        istio["config"] = draft.config_path(owner)
    body["metadata"] = {"filter_metadata": {"istio": istio}}
    return body


def _speak(body: Json, name: str, value: Json) -> None:
    """HTTP/2 as a port says, or the protocol of the request on a port that is sniffed."""
    options = body.setdefault(_OPTIONS, {}).setdefault(_HTTP, {"@type": f"type.googleapis.com/{_HTTP}"})
    options.pop("explicit_http_config", None)
    options[name] = value


def _like(before: Configuration, draft: Draft) -> Json:
    """One without any rule, of the proxy or of one like it."""
    for client in (draft.client, *peers(before, draft.client, CLUSTER)):
        own = Draft(client)
        for port in inbound_ports(before, client):
            body = own.body(CLUSTER, port.cluster)
            plain = port.ingress is None and _pool(before, client, port)[0] is None
            if body is not None and plain and body.get("type") == _PASSTHROUGH and _OPTIONS not in body:
                return copy.deepcopy(body)
    raise NotExactError("no inbound cluster of a proxy tells what others are like")


def _pool(
    configuration: Configuration, client: Client, port: InboundPort
) -> tuple[ConnectionPoolSettings | None, ObjectRef | None]:
    """The limits of a Sidecar's listener, else of the Sidecar, else of a DestinationRule, with the name of that."""
    sidecar = configuration.scope(client).sidecar
    if port.ingress is not None and port.ingress.connection_pool is not None:
        return port.ingress.connection_pool, None
    if sidecar is not None and sidecar.value.spec.inbound_connection_pool and configuration.is_since(1, 21):
        return sidecar.value.spec.inbound_connection_pool, None
    service = next((one for one in configuration.services.named(port.host)), None) if port.host else None
    rules = chosen(configuration, client, service).rules if service else ()
    for rule in rules:
        policy = for_port(rule.value.spec.traffic_policy, port.number)
        if rule.value.spec.traffic_policy is not None:
            return policy.connection_pool if policy else None, named(rule.item)
    return None, None


def _services(configuration: Configuration, client: Client, port: InboundPort) -> list[Json]:
    """Those that lead to the port."""
    targets = workload_ports(configuration, client)
    return [
        {"host": one.host, "name": one.name, "namespace": one.namespace}
        for one in configuration.services_in_front(client)
        if any(port.target in targets.get(each.number, ()) for each in one.ports)
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
