"""The cluster that istiod makes of a port of a service that no DestinationRule speaks of.

What is alike in all of them (limits, names of statistics, the mesh's certificates) is that of the proxy's other clusters.
https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/cluster_builder.go
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import Any

from meshscope.effect.configuration import SECURITY, Configuration
from meshscope.envoy.resource import CLUSTER
from meshscope.istio.names import parse_cluster
from meshscope.istio.objects.peer_authentication import PeerAuthentication
from meshscope.istio.protocol import Family
from meshscope.overlay.clusters.sockets import named_for, offer_http2
from meshscope.overlay.draft import Draft, Json
from meshscope.overlay.services.endpoints import Backend, entry_of
from meshscope.overlay.services.not_exact import NotExactError
from meshscope.overlay.services.peers import peers
from meshscope.overlay.services.told import Told

TYPES = {
    "NONE": "ORIGINAL_DST", "Passthrough": "ORIGINAL_DST", "STATIC": "EDS", "ClientSide": "EDS", "DNS": "STRICT_DNS",
    "DNS_ROUND_ROBIN": "LOGICAL_DNS",
}  # fmt: skip
_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
_KEPT = ("connect_timeout", "circuit_breakers", "common_lb_config", "lb_policy")
_OF_DNS = ("dns_refresh_rate", "dns_lookup_family", "respect_dns_ttl", "typed_dns_resolver_config", "dns_jitter")
_NEW = ("HTTP2", "GRPC", "GRPC-Web")
_MATCH = "tlsMode-istio"


def cluster_body(configuration: Configuration, draft: Draft, one: Told, backends: Sequence[Backend]) -> Json:
    """Without a load assignment. Raises NotExactError."""
    kind = TYPES.get(one.service.resolution)
    if kind is None:
        raise NotExactError(f"what istiod makes of resolution {one.service.resolution} is not rebuilt")
    name = str(one.cluster)
    like: Json = next(_samples(configuration, draft), {})
    body: dict[str, Any] = {"name": name, "type": kind}
    if kind == "EDS":
        body["eds_cluster_config"] = {"eds_config": _EDS, "service_name": name}
    body |= {key: copy.deepcopy(like[key]) for key in _KEPT if key in like}
    body.setdefault("connect_timeout", configuration.settings.connect_timeout)
    if kind == "ORIGINAL_DST":
        body["lb_policy"] = "CLUSTER_PROVIDED"
    elif "lb_policy" not in like and configuration.is_since(1, 14):
        body["lb_policy"] = "LEAST_REQUEST"
    if kind in ("STRICT_DNS", "LOGICAL_DNS"):
        resolved: Json = next((each for each in _bodies(configuration, draft) if each.get("type") == kind), {})
        body |= {key: copy.deepcopy(resolved[key]) for key in _OF_DNS if key in resolved}
    noted = {"host": one.service.host, "name": _noted_name(one), "namespace": one.service.namespace}
    istio: dict[str, Any] = {"services": [noted], **({"external": True} if one.service.is_external else {})}
    body["metadata"] = {"filter_metadata": {"istio": istio}}
    if "alt_stat_name" in like or (not like and configuration.is_since(1, 23)):
        body["alt_stat_name"] = f"{name};"
    _speak(body, one, is_sidecar=draft.client.kind == "sidecar")
    _secure(configuration, draft, body, one, backends)
    return body


_EDS = {"ads": {}, "initial_fetch_timeout": "0s", "resource_api_version": "V3"}


def _noted_name(one: Told) -> str:
    """istiod notes a ServiceEntry by its host."""
    return one.service.host if one.service.registry != "Kubernetes" else one.service.name


def _bodies(configuration: Configuration, draft: Draft) -> Iterator[Json]:
    """The proxy's clusters of services, then those of its peers."""
    for client in (draft.client, *peers(configuration, draft.client, CLUSTER)):
        own = draft if client is draft.client else Draft(client)
        for resource in client.proxy.resources(CLUSTER):
            name = parse_cluster(resource.name)
            if name and name.direction == "outbound" and not name.subset and (body := own.body(CLUSTER, resource.name)):
                yield body


def _samples(configuration: Configuration, draft: Draft) -> Iterator[Json]:
    """Those that no rule speaks of, and whose endpoints istiod balances."""
    for body in _bodies(configuration, draft):
        istio = body.get("metadata", {}).get("filter_metadata", {}).get("istio", {})
        if "config" not in istio and body.get("type") != "ORIGINAL_DST":
            yield body


def _speak(body: dict[str, Any], one: Told, *, is_sidecar: bool) -> None:
    """The version of HTTP that the port's protocol asks for; of a sniffed port the client's."""
    options: dict[str, Any] | None = None
    if one.port.protocol.name in _NEW:
        options = {"explicit_http_config": {"http2_protocol_options": {}}}
    elif one.port.protocol.family is Family.AUTO and is_sidecar:
        options = {"use_downstream_protocol_config": {"http_protocol_options": {}, "http2_protocol_options": {}}}
    if options:
        body["typed_extension_protocol_options"] = {_OPTIONS: {"@type": f"type.googleapis.com/{_OPTIONS}", **options}}


def _secure(
    configuration: Configuration, draft: Draft, body: dict[str, Any], one: Told, backends: Sequence[Backend]
) -> None:
    """The mesh's mutual TLS for endpoints that take it."""
    is_asked = configuration.settings.enable_auto_mtls and not one.service.is_external
    if not is_asked or is_disabled(configuration, one.service.namespace):
        return
    is_original = body["type"] == "ORIGINAL_DST"
    if is_original and one.service.resolution == "NONE":
        raise NotExactError("whether a host of resolution NONE is spoken to by mutual TLS is not rebuilt")
    if is_original and not all(each.is_mutual for each in backends):
        return
    matches = _named_for(configuration, draft, one, backends)
    if is_original:
        body["transport_socket"] = next(match["transport_socket"] for match in matches if match["name"] == _MATCH)
    else:
        body["transport_socket_matches"] = matches


def _named_for(configuration: Configuration, draft: Draft, one: Told, backends: Sequence[Backend]) -> list[Json]:
    """The proxy's sockets with the names of other servers."""
    if (entry := entry_of(configuration, one.service)) and entry.value.spec.subject_alt_names:
        raise NotExactError("subjectAltNames are not rebuilt")
    like = next((found for each in _bodies(configuration, draft) if (found := _matches(each))), None)
    if like is None:
        raise NotExactError("no cluster tells how proxies speak the mesh's mutual TLS")
    matches: list[Json] = copy.deepcopy(like)
    domain = configuration.settings.trust_domain
    names = sorted({f"spiffe://{domain}/{each.account}" for each in backends if each.account})
    if configuration.settings.trust_domain_aliases and names:
        raise NotExactError("names of servers in several trust domains are not rebuilt")
    for match in matches:
        if match["name"] == _MATCH:
            match["transport_socket"] = named_for(match["transport_socket"], one.cluster)
            _name_servers(match["transport_socket"], names)
            offer_http2(match, is_offered=one.port.protocol.name in _NEW)
    return matches


def _matches(body: Json) -> Any:
    found = body.get("transport_socket_matches") or ()
    return found if [one.get("name") for one in found] == [_MATCH, "tlsMode-disabled"] else None


def _name_servers(socket: Json, names: list[str]) -> None:
    context = socket["typed_config"].get("common_tls_context", {})
    validation = context.get("combined_validation_context", {}).get("default_validation_context")
    if validation is None:
        raise NotExactError("how the proxy checks the names of servers is not rebuilt")
    fields = [key for key in validation if "subject_alt_names" in key] or ["match_subject_alt_names"]
    for field in fields:
        typed = field == "match_typed_subject_alt_names"
        wanted = [{"san_type": "URI", "matcher": {"exact": each}} if typed else {"exact": each} for each in names]
        validation.pop(field, None)
        if wanted:
            validation[field] = wanted


def is_disabled(configuration: Configuration, namespace: str) -> bool:
    """By the mesh's and the namespace's oldest policy: what one for a workload says shows at its endpoints."""
    mode = ""
    for place in (namespace, configuration.settings.root_namespace):
        of_place = (one for one in configuration.typed("PeerAuthentication", PeerAuthentication, SECURITY))
        own = next((one for one in of_place if one.namespace == place and one.value.spec.selector is None), None)
        if own is not None and own.value.spec.mtls and own.value.spec.mtls.mode != "UNSET":
            mode = mode or own.value.spec.mtls.mode
    return mode == "DISABLE"
