"""Istio's kinds and the Gateway API's, with the additionalPrinterColumns of their CustomResourceDefinitions."""

from __future__ import annotations

from meshscope.istio.kinds.columns import PrinterColumn, column
from meshscope.istio.kinds.resource_kind import ResourceKind, kind_entry


def _condition(name: str, type_: str) -> PrinterColumn:
    return column(name, "status", "conditions", f"type={type_}", "status")


_NETWORKING = "networking.istio.io"
_SECURITY = "security.istio.io"
_RBAC = "rbac.istio.io"
_AUTHENTICATION = "authentication.istio.io"
ISTIO_KINDS = (
    kind_entry(
        _NETWORKING, "VirtualService", "vs", column("GATEWAYS", "spec", "gateways"), column("HOSTS", "spec", "hosts")
    ),
    kind_entry(_NETWORKING, "DestinationRule", "dr", column("HOST", "spec", "host")),
    kind_entry(_NETWORKING, "Gateway", "gw"),
    kind_entry(
        _NETWORKING,
        "ServiceEntry",
        "se",
        column("HOSTS", "spec", "hosts"),
        column("LOCATION", "spec", "location"),
        column("RESOLUTION", "spec", "resolution"),
    ),
    kind_entry(_NETWORKING, "WorkloadEntry", "we", column("ADDRESS", "spec", "address")),
    kind_entry(_NETWORKING, "WorkloadGroup", "wg"),
    kind_entry(_NETWORKING, "Sidecar"),
    kind_entry(_NETWORKING, "EnvoyFilter"),
    kind_entry(_NETWORKING, "ProxyConfig"),
    kind_entry(_SECURITY, "AuthorizationPolicy", "ap", column("ACTION", "spec", "action")),
    kind_entry(_SECURITY, "PeerAuthentication", "pa", column("MODE", "spec", "mtls", "mode")),
    kind_entry(_SECURITY, "RequestAuthentication", "ra"),
    ResourceKind("telemetry.istio.io", "Telemetry", "telemetries", ("telemetry",)),
    kind_entry("extensions.istio.io", "WasmPlugin"),
    kind_entry("extensions.istio.io", "TrafficExtension"),
    kind_entry("install.istio.io", "IstioOperator", "iop io"),
    # Istio 1.4 to 1.5: authorization and authentication before security.istio.io
    kind_entry(_RBAC, "ServiceRole"),
    kind_entry(
        _RBAC,
        "ServiceRoleBinding",
        "",
        column("REFERENCE", "spec", "roleRef", "name"),
    ),
    kind_entry(_RBAC, "RbacConfig"),
    kind_entry(_RBAC, "ClusterRbacConfig", namespaced=False),
    kind_entry(_AUTHENTICATION, "Policy"),
    kind_entry(_AUTHENTICATION, "MeshPolicy", namespaced=False),
)

_GATEWAY, _EXPERIMENTAL = "gateway.networking.k8s.io", "gateway.networking.x-k8s.io"
_ACCEPTED = _condition("ACCEPTED", "Accepted")
_PROGRAMMED = _condition("PROGRAMMED", "Programmed")
_HOSTNAMES = column("HOSTNAMES", "spec", "hostnames")
GATEWAY_API_KINDS = (
    kind_entry(
        _GATEWAY,
        "GatewayClass",
        "gc",
        column("CONTROLLER", "spec", "controllerName"),
        _ACCEPTED,
        namespaced=False,
    ),
    kind_entry(
        _GATEWAY,
        "Gateway",
        "gtw",
        column("CLASS", "spec", "gatewayClassName"),
        column("ADDRESS", "status", "addresses", "*", "value"),
        _PROGRAMMED,
    ),
    kind_entry(_GATEWAY, "HTTPRoute", "", _HOSTNAMES),
    kind_entry(_GATEWAY, "GRPCRoute", "", _HOSTNAMES),
    kind_entry(_GATEWAY, "TLSRoute", "", _HOSTNAMES),
    kind_entry(_GATEWAY, "TCPRoute"),
    kind_entry(_GATEWAY, "UDPRoute"),
    kind_entry(_GATEWAY, "ReferenceGrant", "refgrant"),
    kind_entry(_GATEWAY, "ReferencePolicy", "refpol"),
    kind_entry(_GATEWAY, "BackendTLSPolicy", "btlspolicy"),
    kind_entry(_GATEWAY, "ListenerSet", "lset", _ACCEPTED, _PROGRAMMED),
    kind_entry(_EXPERIMENTAL, "XListenerSet", "lset"),
    kind_entry(_EXPERIMENTAL, "XBackend", "", column("HOST", "spec", "externalHostname", "hostname")),
    kind_entry(_EXPERIMENTAL, "XBackendTrafficPolicy", "xbtrafficpolicy"),
    kind_entry(
        "inference.networking.k8s.io",
        "InferencePool",
        "infpool",
        column("PORTS", "spec", "targetPorts", "*", "number"),
        column("PICKER", "spec", "endpointPickerRef", "name"),
    ),
    kind_entry(
        "multicluster.x-k8s.io", "ServiceImport", "svcim", column("TYPE", "spec", "type"), column("IP", "spec", "ips")
    ),
)
