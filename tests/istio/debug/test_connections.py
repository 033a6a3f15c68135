from __future__ import annotations

import pytest
from msgspec import Raw

from meshscope.istio.debug.connections import ProxyConnection, read_connections, read_connections_text

from ..documents import LINES, document, value


@pytest.mark.parametrize("line", LINES)
def test_every_release_names_its_connected_proxies(line: str) -> None:
    found, problems = read_connections(value(line, "adsz.json"), "adsz")
    assert problems == ()
    assert sorted((proxy.name.partition("-")[0], proxy.namespace) for proxy in found) == [
        ("istio", "istio-system"),
        ("nginx", "default"),
    ]
    assert all(proxy.address and proxy.connected_at for proxy in found)


@pytest.mark.parametrize("line", ["1.14", "1.32"])
def test_connections_are_the_same_proxies_with_less_to_say(line: str) -> None:
    found, _ = read_connections(value(line, "connections.json"), "connections")
    full, _ = read_connections(value(line, "adsz.json"), "adsz")
    assert {proxy.connection_id for proxy in found} == {proxy.connection_id for proxy in full}
    assert all(not proxy.labels and not proxy.istio_version for proxy in found)
    assert {proxy.labels.get("app") for proxy in full} == {"istio-ingressgateway", "web"}
    assert all(proxy.istio_version.startswith(line) and proxy.mesh_cluster == "Kubernetes" for proxy in full)


def test_old_pilots_answer_gives_the_type_of_proxy_as_well() -> None:
    found, _ = read_connections(value("1.4", "adsz.json"), "adsz")
    assert sorted(proxy.proxy_type for proxy in found) == ["router", "sidecar"]


def test_an_answer_that_is_no_json_still_names_the_proxies() -> None:
    body = document("1.4", "adsz.json").body.replace(b'"listeners":[', b'"listeners":[{"a": }}')
    whole, _ = read_connections(value("1.4", "adsz.json"), "adsz")
    assert [proxy.connection_id for proxy in read_connections_text(body)] == [proxy.connection_id for proxy in whole]


def test_a_node_that_does_not_follow_the_grammar_is_kept_as_it_is() -> None:
    assert read_connections_text(b'[{"node": "odd-1"}]') == (ProxyConnection("odd-1", "odd-1", ""),)


def test_a_bad_client_is_a_problem_beside_the_others() -> None:
    body = Raw(b'{"totalClients": 2, "clients": [{"connectionId": "a.shop-1"}, {"address": "x"}]}')
    found, (problem,) = read_connections(body, "adsz")
    assert [(proxy.name, proxy.namespace) for proxy in found] == [("a", "shop")]
    assert problem.message.startswith("clients[1]:")
