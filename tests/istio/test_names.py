from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.istio.names import ClusterName, RouteConfigName, parse_cluster, parse_route_config

from .documents import names

text = st.text(st.characters(exclude_characters="|_/"), max_size=12)
port = st.integers(0, 65535)
direction = st.sampled_from(["outbound", "inbound"])
cluster_names = st.one_of(
    st.builds(ClusterName, direction, port, text, text, sni_dnat=st.booleans()),
    st.builds(ClusterName, st.just("inbound-vip"), port, text, text, st.sampled_from(["tcp", "http"])),
)


@pytest.mark.parametrize("name", names("clusters.txt"))
def test_every_recorded_cluster_name_with_four_parts_is_read_and_written_again(name: str) -> None:
    found = parse_cluster(name)
    assert (found is None) == ("|" not in name and not name.startswith("outbound_."))
    assert found is None or str(found) == name


@given(cluster_names)
def test_a_cluster_name_that_is_written_is_read_back(name: ClusterName) -> None:
    assert parse_cluster(str(name)) == name


def test_a_host_may_contain_the_separator_of_sni_names() -> None:
    name = "outbound_.80_.v1_.odd_.host.example"
    assert parse_cluster(name) == ClusterName("outbound", 80, "v1", "odd_.host.example", sni_dnat=True)


def test_a_waypoints_cluster_names_its_protocol_and_subset() -> None:
    host = "reviews.default.svc.cluster.local"
    assert parse_cluster(f"inbound-vip|9080|http/v2|{host}") == ClusterName("inbound-vip", 9080, "v2", host, "http")
    assert parse_cluster(f"inbound-vip|9080|tcp|{host}") == ClusterName("inbound-vip", 9080, "", host, "tcp")


@pytest.mark.parametrize("name", ["", "a|b|c|d", "outbound|80|host", "outbound|80|v1|host|more", "outbound_80_v1_host"])
def test_other_names_are_not_read_as_istios(name: str) -> None:
    assert parse_cluster(name) is None


def test_a_port_that_is_no_number_is_unknown() -> None:
    assert parse_cluster("outbound|x||host") == ClusterName("outbound", None, "", "host")


@pytest.mark.parametrize("name", names("route_configs.txt"))
def test_every_recorded_route_configuration_is_of_a_known_form(name: str) -> None:
    found = parse_route_config(name)
    assert found
    assert found.kind == ("gateway" if name.startswith("http") else "inbound" if "nbound" in name else "sidecar")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("9080", RouteConfigName("sidecar", 9080)),
        (
            "reviews.default.svc.cluster.local:9080",
            RouteConfigName("sidecar", 9080, "reviews.default.svc.cluster.local"),
        ),
        ("http.80.example:80", RouteConfigName("sidecar", 80, "http.80.example")),
        ("[2001:db8::1]:80", RouteConfigName("sidecar", 80, "[2001:db8::1]")),
        ("http_proxy", RouteConfigName("sidecar", None)),
        ("unix:///tmp/egress.sock", RouteConfigName("sidecar", None, bind="unix:///tmp/egress.sock")),
        ("http.8080", RouteConfigName("gateway", 8080)),
        ("http.8080.10.0.0.1", RouteConfigName("gateway", 8080, bind="10.0.0.1")),
        (
            "https.443.https.bookinfo.default",
            RouteConfigName("gateway", 443, port_name="https", gateway="bookinfo", namespace="default"),
        ),
        (
            "https.443.https.dotted.name.default",
            RouteConfigName("gateway", 443, port_name="https", gateway="dotted.name", namespace="default"),
        ),
        (
            "https.443.https.bookinfo.default.10.0.0.1",
            RouteConfigName(
                "gateway", 443, port_name="https", gateway="bookinfo", namespace="default", bind="10.0.0.1"
            ),
        ),
        (
            "https.443.https.bookinfo.default.::1",
            RouteConfigName("gateway", 443, port_name="https", gateway="bookinfo", namespace="default", bind="::1"),
        ),
        ("inbound|9080||", RouteConfigName("inbound", 9080)),
        ("inbound-vip|80|http|a.example", RouteConfigName("inbound", 80, "a.example")),
        ("InboundPassthroughCluster", RouteConfigName("inbound", None)),
    ],
)
def test_a_route_configuration_says_what_it_belongs_to(name: str, expected: RouteConfigName) -> None:
    assert parse_route_config(name) == expected


@pytest.mark.parametrize(
    "name", ["", "local_route", "default", "outbound|80||host", "http.x", "https.443.only", "a/b:80", "http.8080.x"]
)
def test_route_configurations_of_other_makers_are_not_read(name: str) -> None:
    assert parse_route_config(name) is None
