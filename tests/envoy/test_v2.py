from __future__ import annotations

import pytest

from meshscope.envoy.resource import CLUSTER, LISTENER, ROUTES
from meshscope.envoy.v2 import TYPE, UNTYPED, upgraded
from meshscope.xds.cluster import Cluster
from meshscope.xds.listener import Listener
from meshscope.xds.route import RouteConfiguration
from meshscope.xds.tls import DownstreamTlsContext

from .pieces import ADMIN, FILTERS, dump_of, recorded


def listener(file: str, name: str) -> Listener:
    (resource,) = (each for each in dump_of(recorded(file)).of_kind(LISTENER) if each.name == name)
    found = resource.read(Listener)
    assert isinstance(found, Listener)
    return found


def test_a_recorded_gateway_of_api_v2_reads_down_to_its_route() -> None:
    dump = dump_of(recorded("gateway_1.4.json"))
    (chain,) = listener("gateway_1.4.json", "0.0.0.0_8080").filter_chains
    assert chain.http
    assert chain.http[1].rds
    assert chain.http[1].rds.route_config_name == "http.80"
    types = [each.type_name.rpartition(".")[2] for each in chain.http[1].http_filters]
    assert types == ["Cors", "HTTPFault", "Router"]
    table = dump.of_kind(ROUTES)[0].read(RouteConfiguration)
    assert isinstance(table, RouteConfiguration)
    (route,) = table.virtual_hosts[0].routes
    assert route.route
    assert route.route.cluster == "outbound|80|subset1|nginx-service.default.svc.cluster.local"
    assert route.metadata.text("istio", "config").endswith("/virtual-service/nginx-virtual-service")


def test_a_recorded_sidecar_of_api_v2_has_its_tcp_and_its_inbound_chains() -> None:
    inbound = listener("sidecar_1.4.json", "virtualInbound")
    assert inbound.listener_filters[0].type_name.endswith("original_dst.v3.OriginalDst")
    assert [bool(chain.tcp) for chain in inbound.filter_chains] == [True, False]
    assert str(inbound.filter_chains[1].filter_chain_match) == "Addr: 10.20.1.10/32; Port: 80"
    assert not listener("sidecar_1.4.json", "0.0.0.0_80").binds


def test_an_inbound_cluster_of_api_v2_keeps_its_load_assignment() -> None:
    dump = dump_of(recorded("sidecar_1.4.json"))
    (resource,) = (each for each in dump.of_kind(CLUSTER) if each.name.startswith("inbound|80|"))
    found = resource.read(Cluster)
    assert isinstance(found, Cluster)
    assert found.load_assignment
    assert str(found.load_assignment.endpoints[0].lb_endpoints[0].endpoint.address) == "127.0.0.1:80"


HTTP = "envoy.extensions.filters.http"
OLD_TLS = {"@type": TYPE + "envoy.api.v2.auth.DownstreamTlsContext", "require_client_certificate": True}


@pytest.mark.parametrize(
    "chain",
    [
        {"transport_socket": {"name": "tls", "typed_config": OLD_TLS}},
        {"hidden_envoy_deprecated_tls_context": {"require_client_certificate": True}},
        {"tls_context": {"require_client_certificate": True}, "@type": OLD_TLS["@type"]},
    ],
)
def test_messages_of_api_v2_inside_a_v3_dump_are_upgraded(chain: dict[str, object]) -> None:
    entry = {"name": "a", "active_state": {"listener": {"name": "a", "filter_chains": [chain]}}}
    dump = dump_of({"configs": [{"@type": ADMIN + "ListenersConfigDump", "dynamic_listeners": [entry]}]})
    found = dump.resources[0].read(Listener)
    assert isinstance(found, Listener)
    assert found.filter_chains[0].transport_socket
    context = found.filter_chains[0].transport_socket.config
    assert isinstance(context, DownstreamTlsContext)
    assert context.require_client_certificate
    assert (dump.origin.rewritten, dump.origin.api_v2) == (False, False)


def test_hosts_that_envoy_hid_are_a_load_assignment() -> None:
    hosts = [{"socket_address": {"address": "10.0.0.1", "port_value": 80}}]
    body = {"name": "a", "hidden_envoy_deprecated_hosts": hosts}
    found = dump_of({"configs": [{"static_clusters": [{"cluster": body}]}]}).resources[0].read(Cluster)
    assert isinstance(found, Cluster)
    assert found.load_assignment
    assert str(found.load_assignment.endpoints[0].lb_endpoints[0].endpoint.address) == "10.0.0.1:80"


BOOTSTRAP = """
static_resources:
  listeners:
  - name: in
    address: {socket_address: {address: 0.0.0.0, port_value: 80}}
    filter_chains:
    - filters:
      - name: envoy.http_connection_manager
        config:
          route_config: {virtual_hosts: [{name: a, routes: [{match: {regex: /x}, route: {cluster: c}}]}]}
          http_filters: [{name: envoy.router}]
  clusters:
  - name: c
    hosts: [{socket_address: {address: 10.0.0.1, port_value: 80}}]
    tls_context: {sni: x}
"""


def test_a_bootstrap_file_of_api_v2_is_told_by_the_fields_that_v3_gave_up() -> None:
    dump = dump_of(BOOTSTRAP, "envoy.yaml")
    found, upstream = dump.of_kind(LISTENER)[0].read(Listener), dump.of_kind(CLUSTER)[0].read(Cluster)
    assert isinstance(found, Listener)
    assert isinstance(upstream, Cluster)
    assert found.filter_chains[0].http
    table = found.filter_chains[0].http[1].inline_routes
    assert table
    assert str(table.virtual_hosts[0].routes[0].match) == "regex /x"
    assert upstream.load_assignment
    assert upstream.transport_socket


def test_a_bootstrap_file_of_v3_is_not_taken_for_an_old_one() -> None:
    text = BOOTSTRAP.replace("regex: /x", "tls_context: {presented: true}").replace("config:", "typed_config:")
    assert not dump_of(text.partition("  clusters:")[0], "envoy.yaml").origin.api_v2


@pytest.mark.parametrize(
    ("layer", "name", "message"),
    [
        ("http_filters", "envoy.ext_authz", "http.ext_authz.v3.ExtAuthz"),
        ("filters", "envoy.ext_authz", "network.ext_authz.v3.ExtAuthz"),
        ("http_filters", "envoy.filters.http.rbac", "http.rbac.v3.RBAC"),
        ("filters", "envoy.filters.network.rbac", "network.rbac.v3.RBAC"),
        ("filters", "envoy.filters.network.tcp_proxy", "network.tcp_proxy.v3.TcpProxy"),
        ("listener_filters", "envoy.listener.proxy_protocol", "listener.proxy_protocol.v3.ProxyProtocol"),
    ],
)
def test_a_filter_with_untyped_configuration_is_typed_by_its_name(layer: str, name: str, message: str) -> None:
    expected = [{"name": name, "typed_config": {"@type": FILTERS + message, "a": 1}}]
    assert upgraded({layer: [{"name": name, "config": {"a": 1}}]}, "") == {layer: expected}
    assert upgraded({layer: {"name": name, "config": {"a": 1}}}, "") == {layer: expected}


def test_a_filter_of_an_unknown_name_keeps_its_configuration_untyped() -> None:
    new = upgraded({"filters": [{"name": "mixer", "config": {"camelKey": 1}}, {"name": "bare"}]}, "")
    config = {"@type": UNTYPED, "type_url": "", "value": {"camelKey": 1}}
    assert new == {"filters": [{"name": "mixer", "typed_config": config}, {"name": "bare"}]}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("envoy.api.v2.auth.UpstreamTlsContext", "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext"),
        (
            "envoy.config.filter.http.jwt_authn.v2alpha.JwtAuthentication",
            f"{HTTP}.jwt_authn.v3.JwtAuthentication",
        ),
        ("envoy.config.filter.network.tcp_proxy.v2.TcpProxy", "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy"),
        ("envoy.config.rbac.v2.RBAC", "envoy.config.rbac.v3.RBAC"),
        (
            "envoy.config.cluster.aggregate.v2alpha.ClusterConfig",
            "envoy.extensions.clusters.aggregate.v3.ClusterConfig",
        ),
        ("envoy.extensions.filters.http.router.v3.Router", "envoy.extensions.filters.http.router.v3.Router"),
        ("example.v2.Thing", "example.v2.Thing"),
    ],
)
def test_types_are_renamed(old: str, new: str) -> None:
    assert upgraded({"@type": TYPE + old}, "typed_config") == {"@type": TYPE + new}


def test_what_is_already_v3_wins_over_an_old_spelling_beside_it() -> None:
    route = {"host_rewrite": "old", "host_rewrite_literal": "new", "request_mirror_policy": {"cluster": "m"}}
    assert upgraded(route, "route")["host_rewrite_literal"] == "new"
    assert upgraded(route, "route")["request_mirror_policies"] == [{"cluster": "m"}]
    cluster = {"name": "a", "hosts": [{"pipe": {"path": "/x"}}], "load_assignment": {"cluster_name": "kept"}}
    assert upgraded(cluster, "cluster")["load_assignment"] == {"cluster_name": "kept"}


def test_origins_of_cors_are_string_matchers() -> None:
    old = {"allow_origin": ["a"], "allow_origin_regex": ["b.*"], "allow_methods": "GET"}
    matchers = [{"exact": "a"}, {"safe_regex": {"regex": "b.*"}}]
    assert upgraded({"cors": old}, "route") == {"cors": {"allow_methods": "GET", "allow_origin_string_match": matchers}}


@pytest.mark.parametrize("value", [None, 3, "text", [], {"filters": 3}, {"hosts": 3}, {"@type": 3}, {"match": []}])
def test_odd_values_do_no_harm(value: object) -> None:
    assert type(upgraded(value, "cluster")) is type(value)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("envoy.filters.http.rbac", "rbac.v3.RBACPerRoute"),
        ("envoy.ext_authz", "ext_authz.v3.ExtAuthzPerRoute"),
        ("envoy.filters.http.ext_authz", "ext_authz.v3.ExtAuthzPerRoute"),
        ("envoy.buffer", "buffer.v3.BufferPerRoute"),
        ("envoy.fault", "fault.v3.HTTPFault"),
    ],
)
def test_what_a_route_says_of_a_filter_is_the_filters_message_for_routes(name: str, message: str) -> None:
    route = {"match": {"prefix": "/"}, "per_filter_config": {name: {"disabled": True}}}
    (new,) = upgraded([route], "routes")
    assert new["typed_per_filter_config"][name] == {
        "@type": "type.googleapis.com/envoy.extensions.filters.http." + message, "disabled": True,
    }  # fmt: skip


def test_what_a_route_says_of_an_unknown_filter_stays_untyped() -> None:
    (new,) = upgraded([{"per_filter_config": {"own": {"a": 1}}}], "routes")
    assert new["typed_per_filter_config"]["own"]["@type"].endswith("TypedStruct")
