"""The document kinds of JSON objects, recognised by their keys. At most one rule holds, so the order is irrelevant."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from msgspec import Raw

from meshscope.istio.raw_json import items_of, members_of

Rule = Callable[[Mapping[str, Raw]], bool]

_MESH_CONFIG = (
    r"accessLog(File|Format|Encoding)|caCertificates|certificates|configSources|connectTimeout|default(Config|Providers)"
    r"|default\w+ExportTo|disableEnvoyListenerLog|discoverySelectors|dnsRefreshRate|enable(AutoMtls|Tracing)"
    r"|enable(EnvoyAccessLogService|PrometheusMerge)|extensionProviders|h2UpgradePolicy|hboneIdleTimeout"
    r"|inboundClusterStatName|inboundTrafficPolicy|ingress(Class|ControllerMode|Selector|Service)|localityLbSetting|ca"
    r"|meshMTLS|outboundClusterStatName|outboundTrafficPolicy|pathNormalization|protocolDetectionTimeout"
    r"|proxy(HttpPort|ListenPort|InboundListenPort)|rootNamespace|serviceScopeConfigs|serviceSettings|tcpKeepalive"
    r"|thriftConfig|tlsDefaults|trustDomain|trustDomainAliases|verifyCertificateAtClient"
)
# Keys that do not suffice alone, as other documents have them: Envoy's /certs is `{"certificates": …}`.
_AMBIGUOUS = {"ca", "certificates", "connectTimeout"}
# Keys of every answer of istiod, which writes the effective configuration with all defaults.
_EFFECTIVE = {"proxyListenPort", "connectTimeout", "protocolDetectionTimeout", "rootNamespace", "trustDomain"}
_PUSH_METRIC = r"pilot_\w+|endpoint_no_pod|ProxyStatus"
_ZTUNNEL = {"certificates", "config", "stagedServices", "staticConfig", "version", "workloadState"}


def has(*keys: str) -> Rule:
    return lambda members: members.keys() >= set(keys)


def is_manifest(members: Mapping[str, Raw]) -> bool:
    return members.keys() >= {"apiVersion", "kind"}


def _is_ztunnel(members: Mapping[str, Raw]) -> bool:
    return members.keys() >= {"workloads", "services"} and bool(members.keys() & _ZTUNNEL) and "binds" not in members


def _is_agentgateway(members: Mapping[str, Raw]) -> bool:
    """The proxy agentgateway, whose dump has its sockets beside what a ztunnel's has. https://agentgateway.dev/docs/"""
    return "binds" in members and bool(members.keys() & {"workloads", "services", "backends", "policies"})


def _is_ambientz(members: Mapping[str, Raw]) -> bool:
    return members.keys() == {"workloads", "services", "policies"}


def _has_client_details(members: Mapping[str, Raw]) -> bool:
    """Whether clients have metadata or watches: only in adsz, which otherwise looks like connections."""
    clients = items_of(members["clients"]) if "clients" in members else []
    return bool(clients) and bool(members_of(clients[0]).keys() & {"metadata", "watches"})


def _is_adsz(members: Mapping[str, Raw]) -> bool:
    return "totalClients" in members and _has_client_details(members)


def _is_connections(members: Mapping[str, Raw]) -> bool:
    return "totalClients" in members and not _has_client_details(members)


def _is_sidecarz(members: Mapping[str, Raw]) -> bool:
    return members.keys() >= {"destinationRules", "services", "namespace"}


def _is_effective_mesh(members: Mapping[str, Raw]) -> bool:
    return members.keys() >= _EFFECTIVE and not _is_sidecarz(members)


def _is_mesh_config(members: Mapping[str, Raw]) -> bool:
    fields = sum(bool(re.fullmatch(_MESH_CONFIG, key)) for key in members)
    return not _is_effective_mesh(members) and fields == len(members) > len(members.keys() & _AMBIGUOUS)


def _is_push_status(members: Mapping[str, Raw]) -> bool:
    return any(re.fullmatch(_PUSH_METRIC, key) for key in members)


def _is_shards(members: Mapping[str, Raw]) -> bool:
    """`{host: {namespace: {"Shards": …}}}`"""
    return "Shards" in _some_object(_some_object(members))


def _some_object(members: Mapping[str, Raw]) -> Mapping[str, Raw]:
    return next((found for value in members.values() if (found := members_of(value))), {})


def _is_instancesz(members: Mapping[str, Raw]) -> bool:
    """`{proxy: [{"service": …}]}`; the key is capitalised since Istio 1.20 or so."""
    items = next((items for value in members.values() if (items := items_of(value))), [])
    return bool(items) and bool(members_of(items[0]).keys() & {"service", "Service"})


def _is_cachez(members: Mapping[str, Raw]) -> bool:
    return bool(members) and all(key.startswith("type.googleapis.com/") or key == "total" for key in members)


def _is_inject(members: Mapping[str, Raw]) -> bool:
    """Go templates by name."""
    texts = [bytes(value) for value in members.values()]
    return bool(texts) and all(text[:1] == b'"' for text in texts) and any(b"{{" in text for text in texts)


def is_name_table(members: Mapping[str, Raw]) -> bool:
    """A bare table from an agent, or one with its type: alone, as a resource, or first in a ConfigDump."""
    if "configs" in members:
        members = next(map(members_of, items_of(members["configs"])), {})
    if "resource" in members:
        members = members_of(members["resource"])
    if b"istio.networking.nds." in bytes(members.get("@type", b"")):
        return True
    return members.keys() == {"table"} and "ips" in _some_object(members_of(members["table"]))


OBJECT_RULES: Mapping[str, Rule] = {
    "manifests": is_manifest,
    "ztunnel": _is_ztunnel,
    "agentgateway": _is_agentgateway,
    "debug/ambientz": _is_ambientz,
    "debug/adsz": _is_adsz,
    "debug/connections": _is_connections,
    "debug/sidecarz": _is_sidecarz,
    "debug/mesh": _is_effective_mesh,
    "mesh_config": _is_mesh_config,
    "debug/push_status": _is_push_status,
    "debug/endpointShardz": _is_shards,
    "debug/instancesz": _is_instancesz,
    "debug/cachez": _is_cachez,
    "debug/inject": _is_inject,
    "debug/ndsz": is_name_table,
    "debug/authorizationz": has("authorization_policies"),
    "debug/telemetryz": has("telemetries"),
    "debug/pushcontext": has("AuthorizationPolicies"),
}
