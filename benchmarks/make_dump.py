"""Big configurations in the shape that Istio gives its proxies.

    python benchmarks/make_dump.py 5000 big.json              a sidecar that knows 5,000 services: about 80 MB
    python benchmarks/make_dump.py --gateway 100000 gw.json   a gateway with 100,000 routes in one table

The sidecar has two EDS clusters for each service, their endpoints, one route table (8080) and a TCP listener for every
fifth service.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Json = dict[str, Any]
ADMIN = "type.googleapis.com/envoy.admin.v3."
CONFIG = "type.googleapis.com/envoy.config."
EXTENSION = "type.googleapis.com/envoy.extensions."
UPDATED = "2026-11-22T00:00:00.123Z"


def host(i: int) -> str:
    return f"svc-{i}.ns-{i % 50}.svc.cluster.local"


def address(i: int) -> str:
    return f"10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}"


def cluster(i: int, subset: str) -> Json:
    name = f"outbound|8080|{subset}|{host(i)}"
    return {"version_info": "2026-11-22T00:00:00Z/12", "cluster": {
        "@type": CONFIG + "cluster.v3.Cluster", "name": name, "type": "EDS",
        "eds_cluster_config": {
            "eds_config": {"ads": {}, "initial_fetch_timeout": "0s", "resource_api_version": "V3"}, "service_name": name},
        "connect_timeout": "10s", "lb_policy": "LEAST_REQUEST",
        "circuit_breakers": {"thresholds": [{"max_connections": 4294967295, "max_pending_requests": 4294967295,
                                             "max_requests": 4294967295, "max_retries": 4294967295, "track_remaining": True}]},
        "metadata": {"filter_metadata": {"istio": {
            "services": [{"host": host(i), "name": f"svc-{i}", "namespace": f"ns-{i % 50}"}]}}},
        "common_lb_config": {},
        "filters": [{"name": "istio.metadata_exchange", "typed_config": {
            "@type": "type.googleapis.com/udpa.type.v1.TypedStruct",
            "type_url": "type.googleapis.com/envoy.tcp.metadataexchange.config.MetadataExchange",
            "value": {"enable_discovery": True, "protocol": "istio-peer-exchange"}}}],
        "transport_socket_matches": [
            {"name": "tlsMode-istio", "match": {"tlsMode": "istio"}, "transport_socket": mutual_tls(i, subset)},
            {"name": "tlsMode-disabled", "match": {}, "transport_socket": {
                "name": "envoy.transport_sockets.raw_buffer",
                "typed_config": {"@type": EXTENSION + "transport_sockets.raw_buffer.v3.RawBuffer"}}}],
    }, "last_updated": UPDATED}  # fmt: skip


def mutual_tls(i: int, subset: str) -> Json:
    return {"name": "envoy.transport_sockets.tls", "typed_config": {
        "@type": EXTENSION + "transport_sockets.tls.v3.UpstreamTlsContext",
        "common_tls_context": {
            "tls_params": {"tls_minimum_protocol_version": "TLSv1_2", "tls_maximum_protocol_version": "TLSv1_3"},
            "alpn_protocols": ["istio-peer-exchange", "istio"],
            "tls_certificate_sds_secret_configs": [{"name": "default", "sds_config": sds()}],
            "combined_validation_context": {
                "default_validation_context": {
                    "match_subject_alt_names": [{"exact": f"spiffe://cluster.local/ns/ns-{i % 50}/sa/svc-{i}"}]},
                "validation_context_sds_secret_config": {"name": "ROOTCA", "sds_config": sds()}}},
        "sni": f"outbound_.8080_.{subset}_.{host(i)}"}}  # fmt: skip


def sds() -> Json:
    return {"api_config_source": {"api_type": "GRPC", "grpc_services": [{"envoy_grpc": {"cluster_name": "sds-grpc"}}],
                                  "set_node_on_first_message_only": True, "transport_api_version": "V3"},
            "initial_fetch_timeout": "0s", "resource_api_version": "V3"}  # fmt: skip


def endpoints(i: int, subset: str) -> Json:
    return {"endpoint_config": {
        "@type": CONFIG + "endpoint.v3.ClusterLoadAssignment", "cluster_name": f"outbound|8080|{subset}|{host(i)}",
        "endpoints": [{
            "locality": {"region": "us-east-1", "zone": "us-east-1a"},
            "lb_endpoints": [{
                "endpoint": {"address": {"socket_address": {"address": f"10.1.{i % 250}.{j}", "port_value": 8080}},
                             "health_check_config": {}},
                "health_status": "HEALTHY",
                "metadata": {"filter_metadata": {"istio": {"workload": f"svc-{i};ns-{i % 50};svc-{i};v1;Kubernetes"},
                                                 "envoy.transport_socket_match": {"tlsMode": "istio"}}},
                "load_balancing_weight": 1} for j in range(4)],
            "load_balancing_weight": 4}],
        "policy": {"overprovisioning_factor": 140}}}  # fmt: skip


def virtual_host(i: int, routes: int = 1) -> Json:
    short = f"svc-{i}.ns-{i % 50}"
    return {"name": f"{host(i)}:8080", "domains": [host(i), short, f"{short}.svc", address(i)],
            "routes": [route(i, "/" if j == routes - 1 else f"/path/{j}/") for j in range(routes)],
            "include_request_attempt_count": True}  # fmt: skip


def route(i: int, prefix: str) -> Json:
    return {
        "match": {"prefix": prefix},
        "route": {
            "cluster": f"outbound|8080||{host(i)}", "timeout": "0s", "max_grpc_timeout": "0s",
            "retry_policy": {"retry_on": "connect-failure,refused-stream,unavailable,cancelled", "num_retries": 2,
                             "host_selection_retry_max_attempts": "5", "retriable_status_codes": [503]}},
        "metadata": {"filter_metadata": {"istio": {
            "config": f"/apis/networking.istio.io/v1alpha3/namespaces/ns-{i % 50}/virtual-service/svc-{i}"}}},
        "decorator": {"operation": f"{host(i)}:8080/*"}}  # fmt: skip


def listener(name: str, ip: str, port: int, filters: list[Json], **more: Any) -> Json:
    body = {"@type": CONFIG + "listener.v3.Listener", "name": name,
            "address": {"socket_address": {"address": ip, "port_value": port}},
            "filter_chains": [{"filters": filters}], "traffic_direction": "OUTBOUND", **more}  # fmt: skip
    return {"name": name, "active_state": {"version_info": "x", "listener": body, "last_updated": UPDATED}}


def tcp_proxy(name: str) -> Json:
    return {"name": "envoy.filters.network.tcp_proxy", "typed_config": {
        "@type": EXTENSION + "filters.network.tcp_proxy.v3.TcpProxy", "stat_prefix": name, "cluster": name}}  # fmt: skip


def http_manager(table: str) -> Json:
    kinds = (("envoy.filters.http.fault", "fault.v3.HTTPFault"), ("envoy.filters.http.router", "router.v3.Router"))
    return {"name": "envoy.filters.network.http_connection_manager", "typed_config": {
        "@type": EXTENSION + "filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": f"outbound_0.0.0.0_{table}", "normalize_path": True,
        "rds": {"config_source": {"ads": {}, "resource_api_version": "V3"}, "route_config_name": table},
        "http_filters": [{"name": name, "typed_config": {"@type": f"{EXTENSION}filters.http.{kind}"}}
                         for name, kind in kinds]}}  # fmt: skip


def listeners(services: int) -> Iterator[Json]:
    yield listener("virtualOutbound", "0.0.0.0", 15001, [tcp_proxy("PassthroughCluster")], use_original_dst=True)  # noqa: S104
    yield listener("0.0.0.0_8080", "0.0.0.0", 8080, [http_manager("8080")], bind_to_port=False)  # noqa: S104
    for i in range(0, services, 5):
        yield listener(
            f"{address(i)}_9000", address(i), 9000, [tcp_proxy(f"outbound|8080||{host(i)}")], bind_to_port=False
        )


def node(kind: str) -> Json:
    return {"id": f"{kind}~10.9.0.1~client-0.ns-0~ns-0.svc.cluster.local", "cluster": "client.ns-0",
            "metadata": {"ISTIO_VERSION": "1.29.0", "NAMESPACE": "ns-0", "WORKLOAD_NAME": "client"},
            "user_agent_name": "envoy",
            "user_agent_build_version": {"version": {"major_number": 1, "minor_number": 37, "patch": 0}}}  # fmt: skip


def table(name: str, virtual_hosts: list[Json]) -> Json:
    body = {"@type": CONFIG + "route.v3.RouteConfiguration", "name": name, "virtual_hosts": virtual_hosts}
    return {"version_info": "x", "route_config": body, "last_updated": UPDATED}


def sidecar(services: int) -> Json:
    every = [(i, subset) for i in range(services) for subset in ("", "v1")]
    hosts = [virtual_host(i) for i in range(services)]
    return {"configs": [
        {"@type": ADMIN + "BootstrapConfigDump", "bootstrap": {"node": node("sidecar")}},
        {"@type": ADMIN + "ClustersConfigDump", "dynamic_active_clusters": [cluster(i, s) for i, s in every]},
        {"@type": ADMIN + "EndpointsConfigDump", "dynamic_endpoint_configs": [endpoints(i, s) for i, s in every]},
        {"@type": ADMIN + "ListenersConfigDump", "dynamic_listeners": list(listeners(services))},
        {"@type": ADMIN + "RoutesConfigDump", "dynamic_route_configs": [table("8080", hosts)]},
    ]}  # fmt: skip


def gateway(routes: int) -> Json:
    """Ten routes in each virtual host, all in one table."""
    hosts = [virtual_host(i, routes=10) for i in range(routes // 10)]
    return {"configs": [
        {"@type": ADMIN + "BootstrapConfigDump", "bootstrap": {"node": node("router")}},
        {"@type": ADMIN + "RoutesConfigDump", "dynamic_route_configs": [table("http.8080", hosts)]},
    ]}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gateway", action="store_true")
    parser.add_argument("size", type=int, metavar="SERVICES|ROUTES")
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    dump = gateway(options.size) if options.gateway else sidecar(options.size)
    with options.out.open("w") as file:
        json.dump(dump, file, indent=1)


if __name__ == "__main__":
    main()
