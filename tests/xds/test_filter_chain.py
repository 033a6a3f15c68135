from __future__ import annotations

import pytest

from meshscope.xds.filter_chain import FilterChain, FilterChainMatch
from meshscope.xds.message import decode

RANGE = '[{"address_prefix":"10.0.0.0","prefix_len":8},{"address_prefix":"::","prefix_len":0}]'


@pytest.mark.parametrize(
    ("field", "shown"),
    [
        ('"destination_port":80', "Port: 80"),
        ('"destination_port":0', "Port: 0"),
        (f'"prefix_ranges":{RANGE}', "Addr: 10.0.0.0/8,::/0"),
        ('"server_names":["a","*.b"]', "SNI: a,*.b"),
        ('"transport_protocol":"tls"', "Trans: tls"),
        ('"application_protocols":["h2","istio"]', "App: h2,istio"),
        (f'"direct_source_prefix_ranges":{RANGE}', "DirectSrc: 10.0.0.0/8,::/0"),
        ('"source_type":"EXTERNAL"', "SrcType: EXTERNAL"),
        ('"source_type":"ANY"', "ALL"),
        (f'"source_prefix_ranges":{RANGE}', "Src: 10.0.0.0/8,::/0"),
        ('"source_ports":[1,2]', "SrcPort: 1,2"),
        ('"address_suffix":"10.1","suffix_len":16', "AddrSuffix: 10.1/16"),
        ('"server_names":[]', "ALL"),
    ],
)
def test_each_criterion_is_shown_where_it_is_set(field: str, shown: str) -> None:
    assert str(decode(f"{{{field}}}".encode(), FilterChainMatch)) == shown


def test_criteria_stand_together_and_none_matches_all() -> None:
    match = FilterChainMatch(destination_port=80, transport_protocol="tls")
    assert list(match.criteria()) == [("Port", "80"), ("Trans", "tls")]
    assert str(match) == "Port: 80; Trans: tls"
    assert str(FilterChainMatch()) == "ALL"


def test_a_chain_knows_the_place_of_its_http_manager_and_of_its_tcp_proxy() -> None:
    network = "type.googleapis.com/envoy.extensions.filters.network"
    tcp = f'{{"name":"x","typed_config":{{"@type":"{network}.tcp_proxy.v3.TcpProxy","cluster":"c"}}}}'
    http = f'{{"name":"y","typed_config":{{"@type":"{network}.http_connection_manager.v3.HttpConnectionManager"}}}}'
    other = '{"name":"envoy.filters.network.tcp_proxy","typed_config":{"@type":"t/example.Other"}}'
    chain = decode(f'{{"filters":[{other},{tcp}]}}'.encode(), FilterChain)
    second = decode(f'{{"filters":[{http},{other}]}}'.encode(), FilterChain)
    assert isinstance(chain, FilterChain)
    assert isinstance(second, FilterChain)
    assert chain.tcp
    assert (chain.tcp[0], chain.tcp[1].cluster, chain.http) == (1, "c", None)
    assert second.http
    assert (second.http[0], second.tcp) == (0, None)
