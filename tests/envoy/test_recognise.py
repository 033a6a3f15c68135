from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from meshscope.envoy.recognise import recognise, recognise_text

ADMIN = Path(__file__).parents[1] / "data/envoy/admin"
V3 = "type.googleapis.com/envoy.config"


def kind_of(value: object) -> str:
    return recognise(Raw(json.dumps(value).encode()))


@pytest.mark.parametrize("name", ["clusters", "listeners", "certs", "stats"])
def test_recorded_answers_of_the_admin_interface_are_recognised(name: str) -> None:
    assert recognise(Raw((ADMIN / f"inmate/{name}.json").read_bytes())) == name


def test_recorded_server_info_is_recognised() -> None:
    assert recognise(Raw((ADMIN / "sleep/server_info.json").read_bytes())) == "server_info"


@pytest.mark.parametrize(
    "value",
    [
        {"configs": [{"@type": "type.googleapis.com/envoy.admin.v3.BootstrapConfigDump"}]},
        {"configs": [{"@type": "type.googleapis.com/envoy.admin.v2alpha.ClustersConfigDump"}]},
        {"configs": [{"@type": f"{V3}.endpoint.v3.ClusterLoadAssignment", "clusterName": "a"}]},
        {"configs": [{"dynamic_listeners": []}]},
        {"configs": [{"version_info": "1", "@type": "type.googleapis.com/envoy.admin.v3.ClustersConfigDump"}]},
        {"configs": []},
        {"version": "1", "configs": [{"@type": "type.googleapis.com/envoy.admin.v3.RoutesConfigDump"}]},
        {"configs": {"listeners": {"@type": "type.googleapis.com/envoy.admin.v2alpha.ListenersConfigDump"}}},
        {"@type": "type.googleapis.com/envoy.admin.v3.SecretsConfigDump"},
        {"@type": "type.googleapis.com/envoy.admin.v3.ListenersConfigDump.DynamicListener", "name": "a"},
        {"dynamicActiveSecrets": []},
        {"static_clusters": []},
        {"ecdsFilters": [{"ecdsFilter": {}}]},
        {"bootstrap": {"node": {}}},
        {"version_info": "1", "cluster": {"name": "a"}},
        {"cluster": {"@type": f"{V3}.cluster.v3.Cluster"}},
        [{"name": "a", "address": {"socketAddress": {}}}],
        [{"name": "a", "filterChains": []}],
        [{"name": "a", "type": "EDS", "connectTimeout": "1s"}],
        [{"name": "a", "virtualHosts": []}],
        [{"cluster_name": "a", "endpoints": []}],
        [{"versionInfo": "1", "routeConfig": {"name": "a"}}],
        [{"name": "a", "active_state": {"listener": {}}}],
        [{"name": "a", "version_info": "1"}, {"name": "b", "virtual_hosts": []}],
        [{"@type": "type.googleapis.com/envoy.admin.v3.RoutesConfigDump"}],
    ],
)
def test_configuration_dumps_of_any_dialect_are_recognised(value: object) -> None:
    assert kind_of(value) == "config_dump"


@pytest.mark.parametrize(
    "value",
    [
        {"static_resources": {}},
        {"staticResources": {}, "x-anchors": []},
        {"node": {"id": "a"}, "dynamic_resources": {}},
        {"layeredRuntime": {}},
        {"admin": {"address": {}}},
        {"admin": {}, "node": {}},
        {"overload_manager": {}},
        {"@type": f"{V3}.bootstrap.v3.Bootstrap"},
    ],
)
def test_bootstrap_files_are_recognised(value: object) -> None:
    assert kind_of(value) == "bootstrap"


@pytest.mark.parametrize(
    "value",
    [
        {"resources": [{"@type": f"{V3}.listener.v3.Listener"}]},
        {"version_info": "1", "resources": [{"name": "a", "@type": f"{V3}.cluster.v3.Cluster"}]},
        {"@type": f"{V3}.listener.v3.Listener", "name": "a"},
        {"@type": "type.googleapis.com/envoy.service.discovery.v3.DiscoveryResponse", "resources": []},
        {"listeners": [{"name": "a", "filterChains": []}], "clusters": []},
        {"clusters": [{"name": "a", "load_assignment": {}}], "statuses": {}},
        {"name": "a", "virtual_hosts": []},
    ],
)
def test_resources_by_themselves_are_recognised(value: object) -> None:
    assert kind_of(value) == "xds"


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ([{"name": "a", "hostStatuses": []}], "clusters"),
        ([{"name": "a", "circuitBreakers": {}, "observabilityName": "a"}], "clusters"),
        ({"clusterStatuses": []}, "clusters"),
        ({"certificates": []}, "certs"),
        ({"certificates": [{}, {"ca_cert": []}]}, "certs"),
        ({"stats": [{"histograms": {}}]}, "stats"),
        ({"entries": {}, "layers": []}, "runtime"),
        ({"allocated": "1", "heap_size": "2"}, "memory"),
        ({"unready_targets_dumps": []}, "init_dump"),
        ({"version": "a/1.2.3", "state": "LIVE", "command_line_options": {}}, "server_info"),
    ],
)
def test_other_answers_are_recognised(value: object, kind: str) -> None:
    assert kind_of(value) == kind


@pytest.mark.parametrize(
    "value",
    [
        {},
        [],
        3,
        "configs",
        {"configs": 3},
        {"configs": {"my_config": {"file": "./x"}}, "services": {}},
        {"configs": ["a"]},
        {"configs": [{"@type": "type.googleapis.com/istio.networking.nds.v1.NameTable"}]},
        {"apiVersion": "v1", "kind": "Service", "spec": {"listeners": [], "admin": {}}},
        {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway", "resources": []},
        [{"apiVersion": "v1", "kind": "Pod", "name": "a", "address": {}}],
        {"workloads": [], "services": [], "certificates": []},
        {"certificates": [{"identity": "a", "certChain": []}]},
        {"totalClients": 1, "clients": [{"connectionId": "a"}]},
        [{"cluster_id": "K", "proxy": "a.b", "cluster_sent": "1"}],
        [{"name": "a", "address": "10.0.0.1"}],
        {"resources": ["deployment.yaml"]},
        {"resources": {"limits": {}}},
        {"node": {"id": "a"}},
        {"admin": "me"},
        {"admin": {"user": "me"}},
        {"listeners": ["a"], "clusters": [{"name": "kind"}]},
        {"cluster": "a", "version_info": "1"},
        {"cluster": {"name": "a"}},
        {"stats": [1, 2]},
        {"name": "a", "version": "1", "state": "open"},
        {"@type": "type.googleapis.com/istio.mesh.v1alpha1.MeshConfig"},
    ],
)
def test_what_is_not_envoys_is_none_of_them(value: object) -> None:
    assert kind_of(value) == ""


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["configs", "@type", "name", "address", "cluster", "listeners", "certificates", "resources"]),
        inner,
        max_size=4,
    ),
)  # fmt: skip


@given(JSON)
def test_any_json_is_looked_at_without_failing(value: object) -> None:
    kind_of(value)


@given(st.binary(max_size=40))
def test_any_bytes_are_looked_at_without_failing(body: bytes) -> None:
    recognise(Raw(body))
    recognise_text(body)


def test_a_deeply_nested_text_is_none_of_them() -> None:
    assert recognise(Raw(b"[" * 100_000 + b"]" * 100_000)) == ""
    assert recognise(Raw(b'{"a":' * 100_000)) == ""


def test_a_large_dump_is_recognised_by_its_beginning() -> None:
    section = b'{"@type": "type.googleapis.com/envoy.admin.v3.ClustersConfigDump"}'
    body = Raw(b'\n{\n "configs" : [\n ' + section + b", {}" * 20_000_000 + b"]}")
    before = time.process_time()
    assert recognise(body) == "config_dump"
    assert time.process_time() - before < 0.02


@pytest.mark.parametrize("proxy", ["inmate", "gateway"])
@pytest.mark.parametrize("name", ["clusters", "listeners"])
def test_recorded_texts_are_recognised(proxy: str, name: str) -> None:
    assert recognise_text((ADMIN / proxy / f"{name}.txt").read_bytes()) == name


def test_recorded_access_logs_are_recognised() -> None:
    assert recognise_text((ADMIN / "gateway/access.jsonl").read_bytes()) == "access_log"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"a::added_via_api::true\n", "clusters"),
        (b"a::[::1]:80::health_flags::/failed_active_hc", "clusters"),
        (b"inner::envoy://inner/\nb::[::]:15006\r\n", "listeners"),
        (b'cluster.a.x: 3\nserver.live: 1\ncluster_manager.cds.version_text: "v"\n', "stats"),
        (b"# TYPE envoy_cluster_x counter\nenvoy_cluster_x{} 1\n", "stats"),
    ],
)
def test_other_texts_of_the_admin_interface_are_recognised(body: bytes, kind: str) -> None:
    assert recognise_text(body) == kind


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"apiVersion: v1\nkind: Service\n",
        b"static_resources:\n  listeners: []\n",
        b"a: b\nc::d\n",
        b"std::string::npos\n",
        b"a::1.1.1.1:80\nhello\n",
        b"Failed to convert protobuf message to JSON string: INVALID_ARGUMENT: could not find @type 'a.com/a.B'\n",
        b"<html><body>Sign in</body></html>",
        b'{"configs": []}',
    ],
)
def test_other_texts_are_none_of_them(body: bytes) -> None:
    assert recognise_text(body) == ""


def test_a_line_of_many_colons_is_looked_at_in_linear_time() -> None:
    body = b"name.a" + b":a" * 28
    before = time.process_time()
    assert recognise_text(body + b": 3\n") == "stats"
    assert recognise_text(body + b"\n") == ""
    assert time.process_time() - before < 0.1
