"""Each way in which a VirtualService may miss a proxy, made by editing a manifest of a mesh where all is well."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import Raw
from msgspec.structs import replace

from meshscope.effect.answer import State
from meshscope.effect.clusters.missing import why_missing
from meshscope.effect.configuration import Configuration
from meshscope.mesh.mesh import Mesh
from meshscope.snapshot.reading import open_snapshot

from .. import recorded
from ..recorded import Json

APP, RPC, WWW = "VirtualService default/app", "VirtualService team-b/rpc", "VirtualService default/www"


def edited(mesh: str, name: str, **spec: Any) -> Mesh:
    def change(body: Json) -> None:
        for key, value in spec.items():
            body["spec"].pop(key, None)
            if value is not None:
                body["spec"][key] = value

    return recorded.rewritten(recorded.mesh(mesh), name, change)


@pytest.mark.parametrize(
    ("mesh", "name", "spec", "because"),
    [
        ("services", RPC, {"hosts": ["rcp"]}, "no service has the host rcp.team-b.svc.cluster.local"),
        (
            "services",
            RPC,
            {"hosts": ["vm.static.example"]},
            "virtual host vm.static.example:80 has the default route alone",
        ),
        ("services", APP, {"exportTo": ["~"]}, "it is exported to ~, not to namespace default"),
        ("services", APP, {"gateways": ["edge"]}, "it is for the Gateways default/edge alone"),
        ("gateways", WWW, {"gateways": ["pubic"]}, "Gateway default/pubic does not exist"),
        ("gateways", WWW, {"gateways": None}, "no service has the host www.example.com"),
        (
            "gateways",
            WWW,
            {"hosts": ["w.example.com"]},
            "no server of Gateway default/public has the host w.example.com",
        ),
        (
            "gateways",
            WWW,
            {"hosts": ["secure.example.com"]},
            "server tls-pass is TLS PASSTHROUGH, which has no http rules",
        ),
    ],
)
def test_the_losing_step_is_named(mesh: str, name: str, spec: Json, because: str) -> None:
    found = recorded.of(edited(mesh, name, **spec), name)
    assert {one.state for one in found} == {State.NOT_IN_EFFECT}
    assert all(because in one.because for one in found), [one.because for one in found]


def test_http_rules_do_nothing_for_a_port_that_is_not_http() -> None:
    def change(body: Json) -> None:
        body["spec"]["ports"] = [{"name": "tcp-rpc", "port": 9000}]

    mesh = recorded.rewritten(recorded.mesh("services"), "Service team-b/rpc", change)
    for one in recorded.of(mesh, RPC):
        assert one.state is State.NOT_IN_EFFECT
        assert "port 9000 is TCP (its name is tcp-rpc)" in one.because


def test_a_host_that_another_one_has_is_lost_with_the_reason() -> None:
    """The younger of two, the less specific of two; of unknown ages nothing is claimed."""
    mesh = recorded.without_configz("services")
    old = recorded.item(mesh, RPC)
    for created, hosts, because in (
        (
            "2027-01-01T00:00:00Z",
            ["rpc"],
            "VirtualService team-b/rpc has the host rpc.team-b.svc.cluster.local: it is older",
        ),
        ("", ["rpc"], "which of both is older is unknown"),
        ("2020-01-01T00:00:00Z", ["*pc.team-b.svc.cluster.local"], "more specific than *pc.team-b.svc.cluster.local"),
    ):
        body = msgspec.json.decode(old.body)
        body["spec"]["hosts"] = hosts
        new = replace(old, name="other", created_at=created, body=Raw(msgspec.json.encode(body)))
        both = mesh.overlay([new, replace(old, created_at="2025-01-01T00:00:00Z" if created else "")])
        found = recorded.of(both, "VirtualService team-b/other", "sleep")
        assert {one.state for one in found} == {State.NOT_IN_EFFECT}
        assert any(because in one.because for one in found), [one.because for one in found]


@pytest.mark.parametrize("gone", [0, 1, 4])
def test_a_route_that_no_rule_asks_for_any_more_is_told(gone: int) -> None:
    def change(body: Json) -> None:
        del body["spec"]["http"][gone]

    found = recorded.of(recorded.rewritten(recorded.mesh("services"), APP, change), APP, "sleep")
    (left,) = [one for one in found if one.rule == "http"]
    assert left.state is State.PARTLY
    assert "is made of it, and no rule asks for it" in left.because
    assert left.made is not None


@pytest.mark.parametrize(
    ("destination", "because"),
    [
        ({"host": "nowhere"}, "no service has the host nowhere.default.svc.cluster.local"),
        ({"host": "app", "port": {"number": 81}}, "Service default/app has no port 81"),
        ({"host": "app", "subset": "v3"}, "no DestinationRule has subset v3 of app.default.svc.cluster.local"),
    ],
)
def test_a_route_to_a_cluster_that_does_not_exist_says_what_nothing_makes(destination: Json, because: str) -> None:
    """The proxy has the route as istiod would send it, and Envoy answers 503."""
    mesh = edited("services", APP, http=[{"route": [{"destination": destination}]}])
    client = next(one for one in Configuration(mesh).clients if one.name.startswith("sleep"))
    name = {"nowhere": "outbound|80||nowhere.default.svc.cluster.local"}.get(
        destination["host"],
        f"outbound|{destination.get('port', {}).get('number', 80)}|{destination.get('subset', '')}"
        "|app.default.svc.cluster.local",
    )
    assert why_missing(Configuration(mesh), client, name) == because


def test_a_host_of_no_service_counts_on_port_80_alone(tmp_path: Path) -> None:
    """As istiod makes it of a host that nobody has; a name of the cluster is then a mistake."""
    for host, state in (
        ("app.defualt.svc.cluster.local", State.NOT_IN_EFFECT),
        ("api.elsewhere.example", State.PARTLY),
    ):
        folder = recorded.unpacked("services", tmp_path / host)
        (file,) = folder.glob("proxies/default/sleep-*/config_dump.json")
        file.write_text(file.read_text().replace('"app.default.svc.cluster.local:80"', f'"{host}:80"'))

        def change(body: Json, host: str = host) -> None:
            body["spec"]["hosts"] = [host]

        mesh = recorded.rewritten(Mesh(open_snapshot(str(folder))), APP, change)
        found = [one for one in recorded.of(mesh, APP, "sleep") if one.rule == "http[1]"]
        assert found[0].state is state
        assert found[0].because.startswith(
            f"no service has the host {host}: route 1 of {host}:80 is for requests to port 80"
        )
