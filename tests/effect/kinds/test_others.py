"""Gateways, ServiceEntries and Sidecars: each way in which one may miss a proxy."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import Raw
from msgspec.structs import replace

from meshscope.effect.answer import State
from meshscope.effect.configuration import Configuration
from meshscope.effect.gateway_conflicts import conflict_of
from meshscope.mesh.mesh import Mesh
from meshscope.snapshot.reading import open_snapshot

from .. import recorded
from ..recorded import Json

PUBLIC = "Gateway default/public"


def spec(**fields: Any) -> Callable[[Json], None]:
    def change(body: Json) -> None:
        body["spec"].update(fields)

    return change


def server(index: int, **fields: Any) -> Callable[[Json], None]:
    def change(body: Json) -> None:
        body["spec"]["servers"][index].update(fields)

    return change


@pytest.mark.parametrize(
    ("change", "rule", "state", "because"),
    [
        (spec(selector={"istio": "nobody"}), "servers[0]", State.NOT_IN_EFFECT, "its selector asks for istio=nobody"),
        (server(0, port={"number": 81, "name": "http", "protocol": "HTTP"}), "servers[0]", State.NOT_IN_EFFECT,
         "the proxy has no listener 0.0.0.0_81"),
        (server(1, tls={"httpsRedirect": False}), "servers[1]", State.PARTLY,
         "virtual host www.example.com:80 require_tls is ALL, NONE was expected"),
        (server(2, hosts=["shop.example.com"]), "servers[2]", State.PARTLY, "filter_chain_match.server_names"),
        (server(2, hosts=["new.example.com"]), "servers[2]", State.NOT_IN_EFFECT,
         "has no filter chain for new.example.com"),
        (server(2, tls={"mode": "MUTUAL", "credentialName": "shop-cred"}), "servers[2]", State.PARTLY,
         "require_client_certificate is false, true was expected"),
        (server(3, tls={"mode": "MUTUAL", "credentialName": "other"}), "servers[3]", State.PARTLY,
         "tls_certificate_sds_secret_configs"),
        (server(4, hosts=["nobody.example.com"]), "servers[4]", State.NOT_IN_EFFECT,
         "no VirtualService serves nobody.example.com here"),
        (server(0, hosts=["shop.example.com", "new.example.com"]), "servers[0]", State.PARTLY,
         "no VirtualService serves new.example.com here"),
    ],
)  # fmt: skip
def test_a_server_of_a_gateway(change: Callable[[Json], None], rule: str, state: State, because: str) -> None:
    mesh = recorded.rewritten(recorded.mesh("gateways"), PUBLIC, change)
    (found,) = [one for one in recorded.of(mesh, PUBLIC) if one.rule == rule]
    assert found.state is state
    assert because in found.because


def test_a_tcp_server_without_a_rule_has_no_listener() -> None:
    def change(body: Json) -> None:
        body["spec"]["servers"][2]["port"] = {"number": 9001, "name": "tcp", "protocol": "TCP"}

    mesh = recorded.rewritten(recorded.mesh("gateways"), "Gateway istio-system/edge", change)
    found = recorded.of(mesh, "Gateway istio-system/edge")[2]
    assert "no VirtualService with tcp rules is bound to the server, or another server has the port" in found.because


STATIC = "ServiceEntry default/vm-static"


@pytest.mark.parametrize(
    ("change", "state", "because"),
    [
        (spec(hosts=["new.example"]), State.NOT_IN_EFFECT, "the proxy has no cluster outbound|80||new.example"),
        (spec(resolution="DNS"), State.PARTLY, "type is EDS, STRICT_DNS was expected"),
        (spec(exportTo=["."]), State.NOT_IN_EFFECT, "it is not exported to namespace team-a"),
        (spec(hosts=["app.default.svc.cluster.local"]), State.NOT_IN_EFFECT,
         "Service default/app has the host app.default.svc.cluster.local"),
    ],
)  # fmt: skip
def test_a_host_of_a_service_entry(change: Callable[[Json], None], state: State, because: str) -> None:
    mesh = recorded.rewritten(recorded.mesh("services"), STATIC, change)
    found = recorded.of(mesh, STATIC, "db-0" if "team-a" in because else "sleep")
    assert (found[0].state, because in found[0].because) == (state, True), found[0].because


def test_a_name_among_static_endpoints_is_refused() -> None:
    """No proxy is held against it: istiod never has the object."""

    def change(body: Json) -> None:
        body["spec"]["endpoints"][1]["address"] = "db.example"

    (found,) = recorded.of(recorded.rewritten(recorded.mesh("services"), STATIC, change), STATIC, "sleep")
    assert (found.state, found.differences) == (State.NOT_IN_EFFECT, ())
    refusal = "endpoints[1].address: db.example is no IP address, which resolution STATIC asks for; Istio's validation refuses"
    assert found.because.startswith(refusal)


def test_endpoints_of_a_service_entry_are_compared() -> None:
    def change(body: Json) -> None:
        body["spec"]["endpoints"][0]["address"] = "10.9.9.9"

    mesh = recorded.rewritten(recorded.mesh("services"), STATIC, change)
    found = recorded.of(mesh, STATIC, "sleep")[0]
    assert (found.state, found.differences[0].field) == (State.PARTLY, "endpoints")


def beside(name: str, namespace: str, **fields: Any) -> Mesh:
    mesh = recorded.without_configz("services")
    old = recorded.item(mesh, "Sidecar closed/default")
    body = Raw(msgspec.json.encode({"spec": fields}))
    return mesh.overlay([replace(old, name=name, namespace=namespace, body=body, created_at="2030-01-01T00:00:00Z")])


def test_a_sidecar_of_the_namespace_comes_before_one_of_the_root_namespace() -> None:
    mesh = beside("all", "istio-system", egress=[{"hosts": ["./*"]}])
    (there,) = [one for one in recorded.of(mesh, "Sidecar istio-system/all") if "closed" in (one.proxy or "")]
    assert there.state is State.NOT_IN_EFFECT
    assert there.because == "Sidecar closed/default applies: it is of the proxy's namespace, or older"


def test_a_sidecar_that_selects_the_workload_comes_first() -> None:
    mesh = beside("whole", "team-b", egress=[{"hosts": ["*/*"]}])
    (there,) = recorded.of(mesh, "Sidecar team-b/whole", "private")
    assert there.because == "Sidecar team-b/private applies: it selects the workload"


def test_a_sidecar_that_imports_more_than_the_proxy_has_is_partly_in_effect() -> None:
    mesh = recorded.rewritten(recorded.mesh("services"), "Sidecar closed/default", spec(egress=[{"hosts": ["*/*"]}]))
    (found,) = recorded.of(mesh, "Sidecar closed/default")
    assert found.state is State.PARTLY
    assert found.because.startswith("the proxy has no cluster outbound|")


ENTRY = "WorkloadEntry team-a/vm-one"


@pytest.mark.parametrize(
    ("change", "state", "because"),
    [
        (spec(), State.IN_EFFECT, "endpoint 10.20.0.60 in cluster outbound|"),
        (spec(address="10.9.9.9"), State.NOT_IN_EFFECT, "has no endpoint 10.9.9.9"),
    ],
)
def test_a_workload_entry_is_an_endpoint_of_what_selects_it(
    change: Callable[[Json], None], state: State, because: str
) -> None:
    mesh = recorded.rewritten(recorded.mesh("services"), ENTRY, change)
    for one in recorded.of(mesh, ENTRY, "sleep"):
        assert (one.state, because in one.because) == (state, True), one.because


def test_a_workload_entry_that_nothing_selects_does_nothing() -> None:
    selector = spec(workloadSelector={"labels": {"app": "other"}})
    mesh = recorded.rewritten(recorded.mesh("services"), "ServiceEntry team-a/vm-selected", selector)
    for one in recorded.of(mesh, ENTRY):
        assert (one.state, one.because) == (
            State.NOT_IN_EFFECT,
            "no ServiceEntry or Service of namespace team-a selects it",
        )


def test_without_route_configurations_a_plain_server_is_unknown(tmp_path: Path) -> None:
    folder = recorded.unpacked("gateways", tmp_path)
    (file,) = folder.glob("proxies/istio-system/istio-ingressgateway-*/config_dump.json")
    dump = json.loads(file.read_text())
    dump["configs"] = [section for section in dump["configs"] if not section["@type"].endswith("RoutesConfigDump")]
    file.write_text(json.dumps(dump))
    first = recorded.of(Mesh(open_snapshot(str(folder))), PUBLIC)[0]
    assert (first.state, first.because) == (
        State.UNKNOWN,
        "not all route configurations of the proxy were captured",
    )


@pytest.mark.parametrize(
    ("first", "because"),
    [
        ({"port": {"number": 443, "name": "x", "protocol": "HTTPS"}, "hosts": ["admin.example.com"],
          "tls": {"mode": "SIMPLE", "credentialName": "c"}},
         "Gateway default/first has host admin.example.com on port 443 and is older"),
        ({"port": {"number": 443, "name": "x", "protocol": "HTTPS"}, "hosts": ["./admin.example.com"],
          "tls": {"mode": "SIMPLE", "credentialName": "c"}}, ""),
        ({"port": {"number": 443, "name": "x", "protocol": "TCP"}, "hosts": ["*"]},
         "Gateway default/first has port 443 for TCP and is older"),
        ({"port": {"number": 443, "name": "x", "protocol": "HTTPS"}, "hosts": ["free.example.com"],
          "tls": {"mode": "SIMPLE", "credentialName": "c"}}, ""),
        ({"port": {"number": 444, "name": "x", "protocol": "TCP"}, "hosts": ["*"]}, ""),
    ],
)  # fmt: skip
def test_an_older_gateway_keeps_its_ports_and_the_hosts_of_its_certificates(first: Json, because: str) -> None:
    mesh = recorded.without_configz("gateways")
    old = recorded.item(mesh, PUBLIC)
    body = Raw(msgspec.json.encode({"spec": {"selector": {"istio": "ingressgateway"}, "servers": [first]}}))
    both = mesh.overlay(
        [
            replace(old, name="first", body=body, created_at="2020-01-01T00:00:00Z"),
            replace(old, created_at="2025-01-01T00:00:00Z"),
        ]
    )
    configuration = Configuration(both)
    client = next(one for one in configuration.clients if "ingressgateway" in one.name)
    public = configuration.gateways[-1]
    assert public.item.name == "public"
    assert conflict_of(configuration, client, public, public.value.spec.servers[3]) == because


def test_an_earlier_server_of_its_own_gateway_keeps_the_port() -> None:
    mesh = recorded.without_configz("gateways")
    old = recorded.item(mesh, PUBLIC)
    servers = [
        {"port": {"number": 80, "name": name, "protocol": protocol}, "hosts": ["*"]}
        for name, protocol in (("a", "HTTP"), ("b", "HTTP"), ("c", "TCP"))
    ]
    body = Raw(msgspec.json.encode({"spec": {"selector": {"istio": "ingressgateway"}, "servers": servers}}))
    configuration = Configuration(mesh.overlay([replace(old, body=body)]))
    client = next(one for one in configuration.clients if "ingressgateway" in one.name)
    public = next(one for one in configuration.gateways if one.item.name == "public")
    found = [conflict_of(configuration, client, public, server) for server in public.value.spec.servers]
    assert found == ["", "", "servers[0] before it has port 80 for HTTP"]


def test_a_server_that_the_proxy_has_is_in_effect_whatever_is_older() -> None:
    """Evidence comes before prediction."""
    mesh = recorded.without_configz("gateways")
    first = {"port": {"number": 443, "name": "x", "protocol": "TCP"}, "hosts": ["*"]}
    body = Raw(msgspec.json.encode({"spec": {"selector": {"istio": "ingressgateway"}, "servers": [first]}}))
    old = recorded.item(mesh, PUBLIC)
    both = mesh.overlay([replace(old, name="first", body=body, created_at="2020-01-01T00:00:00Z")])
    assert recorded.of(both, PUBLIC)[3].state is State.IN_EFFECT
