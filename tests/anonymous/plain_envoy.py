"""An Envoy without Istio in which every name that a user can give begins with `acme`."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
_MANAGER = "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
_HTTP = "type.googleapis.com/envoy.extensions.filters.http."
_ROUTER: Json = {"name": "envoy.filters.http.router", "typed_config": {"@type": f"{_HTTP}router.v3.Router"}}
_JWT: Json = {
    "name": "acmejwt", "typed_config": {
        "@type": f"{_HTTP}jwt_authn.v3.JwtAuthentication",
        "providers": {"acme_provider": {"issuer": "acmeissuer", "forward_payload_header": "x-acmepayload"}},
        "requirement_map": {"acme_requirement": {"provider_name": "acme_provider"}},
        "rules": [{"match": {"prefix": "/acmesecured"}, "requirement_name": "acme_requirement"}],
    },
}  # fmt: skip
_RBAC: Json = {
    "name": "acmerbac", "typed_config": {"@type": f"{_HTTP}rbac.v3.RBAC", "rules": {"action": "DENY", "policies": {
        "acme_policy": {"permissions": [{"header": {"name": "x-acmedenied", "present_match": True}}],
                        "principals": [{"any": True}]}}}},
}  # fmt: skip
_ROUTES: list[Json] = [
    {"name": "acmeroute", "match": {"prefix": "/acmepath", "headers": [
        {"name": "x-acmematched", "string_match": {"exact": "acmevalue"}}],
        "query_parameters": [{"name": "acmequery", "string_match": {"prefix": "acmeprefix"}}]},
     "route": {"cluster": "acme_cluster", "host_rewrite_literal": "acmerewrite.example.com"},
     "decorator": {"operation": "acmeoperation"},
     "request_headers_to_add": [{"header": {"key": "x-acmeadded", "value": "acmeaddedvalue"}}]},
    {"match": {"safe_regex": {"regex": "/acmeregex/[0-9]+"}}, "route": {"cluster_header": "x-acmecluster"}},
    {"match": {"prefix": "/"}, "route": {"weighted_clusters": {"clusters": [{"name": "acme_cluster", "weight": 1}]}}},
]  # fmt: skip
_FILTER: Json = {"name": "envoy.filters.network.http_connection_manager", "typed_config": {
    "@type": _MANAGER, "stat_prefix": "acmestat", "server_name": "acmeserver", "via": "acmevia",
    "http_filters": [_JWT, _RBAC, _ROUTER],
    "route_config": {"name": "acmetable", "virtual_hosts": [
        {"name": "acmehost", "domains": ["acmedomain.example.com"], "routes": _ROUTES}]}}}  # fmt: skip
_ENDPOINT: Json = {
    "endpoint": {"hostname": "acmehostname", "address": {"socket_address": {"address": "8.7.6.5", "port_value": 80}}}
}
_SDS: Json = {"name": "acmesecret", "sds_config": {"ads": {}}}
_TLS: Json = {"name": "envoy.transport_sockets.tls", "typed_config": {
    "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
    "sni": "acmesni.example.com", "common_tls_context": {"tls_certificate_sds_secret_configs": [_SDS]}}}  # fmt: skip
BOOTSTRAP: Json = {
    "node": {"id": "acmenode", "cluster": "acmefleet"},
    "static_resources": {
        "listeners": [{
            "name": "acmelistener", "address": {"socket_address": {"address": "0.0.0.0", "port_value": 10000}},  # noqa: S104  # nothing is bound
            "filter_chains": [{"name": "acmechain", "filters": [_FILTER]}]}],
        "clusters": [{
            "name": "acme_cluster", "type": "STATIC", "connect_timeout": "1s", "alt_stat_name": "acmealtname",
            "transport_socket": _TLS,
            "load_assignment": {"cluster_name": "acme_cluster", "endpoints": [
                {"locality": {"region": "acmeregion", "zone": "acmezone"}, "lb_endpoints": [_ENDPOINT]}]}}],
    },
}  # fmt: skip


def assignment(cluster: str, endpoints: int) -> Json:
    """A dump of endpoints alone, as large as wanted."""
    load_assignment = {"@type": "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment",
                       "cluster_name": cluster, "endpoints": [{"lb_endpoints": [_ENDPOINT] * endpoints}]}  # fmt: skip
    return {"@type": "type.googleapis.com/envoy.admin.v3.EndpointsConfigDump",
            "dynamic_endpoint_configs": [{"endpoint_config": load_assignment}]}  # fmt: skip
