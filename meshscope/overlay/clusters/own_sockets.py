"""The transport socket of a cluster with certificates of a DestinationRule's own: files, or the roots of the system.

https://istio.io/latest/docs/reference/config/networking/destination-rule/#ClientTLSSettings and
https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/cluster_tls.go
"""

from __future__ import annotations

from typing import Any

from meshscope.effect.configuration import Configuration
from meshscope.istio.objects.traffic_policy import ClientTLSSettings
from meshscope.overlay.clusters.policy_body import http_options
from meshscope.overlay.draft import Json

OWN = ("SIMPLE", "MUTUAL")
_CONTEXT = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext"
_VERSIONS = {"tls_minimum_protocol_version": "TLSv1_2", "tls_maximum_protocol_version": "TLSv1_3"}
_SDS = {
    "api_config_source": {
        "api_type": "GRPC",
        "transport_api_version": "V3",
        "grpc_services": [{"envoy_grpc": {"cluster_name": "sds-grpc"}}],
        "set_node_on_first_message_only": True,
    },
    "initial_fetch_timeout": "0s",
    "resource_api_version": "V3",
}
_OVERRIDE = "alpn_override"
_HTTP = "upstream_http_protocol_options"


def why_not(configuration: Configuration, tls: ClientTLSSettings, *, has_names: bool) -> str:
    """ "" where the socket is rebuilt. `has_names`: the ServiceEntry of the host names its servers."""
    if not configuration.is_since(1, 21):
        return f"tls of mode {tls.mode} of this version"
    if tls.credential_name:
        return f"tls of mode {tls.mode} with a credentialName (its Secret is not in a dump)"
    if tls.ca_crl:
        return f"tls of mode {tls.mode} with a caCrl"
    if tls.mode == "MUTUAL" and not (tls.client_certificate and tls.private_key):
        return "tls of mode MUTUAL without certificates"
    if has_names and not tls.subject_alt_names:
        return f"tls of mode {tls.mode} with the subjectAltNames of the ServiceEntry"
    return ""


def write_own(body: dict[str, Any], tls: ClientTLSSettings) -> None:
    """Into a cluster, in the place of the socket that it has."""
    common: dict[str, Any] = {"tls_params": dict(_VERSIONS)}
    if tls.mode == "MUTUAL":
        certificate = f"file-cert:{tls.client_certificate}~{tls.private_key}"
        common["tls_certificate_sds_secret_configs"] = [{"name": certificate, "sds_config": _SDS}]
    if tls.insecure_skip_verify:
        common["validation_context"] = {}
    else:
        names = [{"exact": name} for name in tls.subject_alt_names]
        common["combined_validation_context"] = {
            "default_validation_context": {"match_subject_alt_names": names} if names else {},
            "validation_context_sds_secret_config": {
                "name": f"file-root:{tls.ca_certificates or 'system'}",
                "sds_config": _SDS,
            },
        }
    if _speaks_http2(body):
        common["alpn_protocols"] = ["h2"]
    context = {"@type": _CONTEXT, "common_tls_context": common, **({"sni": tls.sni} if tls.sni else {})}
    body.pop("transport_socket_matches", None)
    body["transport_socket"] = {"name": "envoy.transport_sockets.tls", "typed_config": context}
    _istio(body)[_OVERRIDE] = "false"
    forget_names(body)
    if not tls.sni:
        checks = {} if tls.subject_alt_names or tls.insecure_skip_verify else {"auto_san_validation": True}
        http_options(body)[_HTTP] = {"auto_sni": True, **checks}


def forget_names(body: dict[str, Any]) -> None:
    """What istiod notes of a handshake by the host of each request."""
    for options in (body.get("typed_extension_protocol_options") or {}).values():
        options.pop(_HTTP, None)


def forget_own(body: dict[str, Any]) -> None:
    """What istiod notes of a socket of a rule's own."""
    _istio(body).pop(_OVERRIDE, None)
    forget_names(body)


def _istio(body: dict[str, Any]) -> Json:
    return body.setdefault("metadata", {}).setdefault("filter_metadata", {}).setdefault("istio", {})


def _speaks_http2(body: Json) -> bool:
    options = (body.get("typed_extension_protocol_options") or {}).values()
    return any("http2_protocol_options" in each.get("explicit_http_config", {}) for each in options)
