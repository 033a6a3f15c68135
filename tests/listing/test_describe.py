from __future__ import annotations

import json
from typing import Any

import pytest

from meshscope.errors import CancelledError
from meshscope.istio.kinds.resources import RESOURCE_KINDS
from meshscope.listing.describe import Description, describe
from meshscope.listing.registry import KINDS, kind_named
from meshscope.listing.selection import Selection
from meshscope.mesh.mesh import Mesh
from meshscope.path import camel
from meshscope.work import Work

from ..mesh import meshes
from ..mesh.ambient_meshes import service
from ..mesh.meshes import (
    GATEWAY,
    NGINX,
    WEBSITE,
    bootstrap,
    captured,
    clusters,
    dump,
    listeners,
    manifest,
    mesh_of,
    recorded,
    refused_update,
    routes,
    secrets,
    static,
    table,
    tcp_listener,
    tls_socket,
)

KEY = "very-secret-key-material"
HOST = "nginx-service.default.svc.cluster.local"
EXTENSION = {"name": "wasm", "typed_config": {"@type": "type.googleapis.com/example.Wasm", "a": 1}}


def described(mesh: Mesh, word: str, name: str, **selection: Any) -> Description:
    found = describe(mesh, kind_named(word, mesh), Selection(name=name, **selection))
    assert found, f"{word}/{name}"
    return found


def test_a_recorded_cluster_shows_its_fields_owner_users_and_endpoints() -> None:
    name = f"outbound|80|subset1|{HOST}"
    found = described(recorded(WEBSITE), "cluster", name, proxy=GATEWAY)
    assert (found.kind, found.name, found.proxy, found.state) == ("clusters", name, GATEWAY, "active")
    assert found.object["eds_cluster_config"]["service_name"] == name
    assert found.owner == "DestinationRule default/nginx-destination-rule"
    assert [(each.kind, each.name) for each in found.used_by] == [("route", "http.8080/*:80/0")]
    assert ("endpoint", "10.20.1.10:80") in {(each.kind, each.name) for each in found.reaches}
    assert {each.name for each in found.reaches if each.kind == "secret"} == {"default", "ROOTCA"}
    assert found.sync
    assert (found.sync.cds, found.sync.istiod) == ("synced", "istiod-1")
    assert found.location
    assert found.location.place().line


def test_the_same_name_in_other_proxies_is_told() -> None:
    found = described(recorded(WEBSITE), "cluster", f"outbound|80||{HOST}")
    assert {found.proxy, *found.also_in} == {GATEWAY, NGINX}
    assert found.proxy not in found.also_in


def test_a_listener_reaches_what_its_chains_lead_to() -> None:
    found = described(recorded(WEBSITE), "listener", "0.0.0.0_8080", proxy=GATEWAY)
    assert ("route_config", "http.8080") in {(each.kind, each.name) for each in found.reaches}


def test_a_route_table_and_each_part_of_it_are_described() -> None:
    whole = described(recorded(WEBSITE), "route", "http.8080")
    assert whole.object["name"] == "http.8080"
    assert {each.kind for each in whole.used_by} == {"filterchain"}
    one = described(recorded(WEBSITE), "route", "http.8080/*:80/0")
    assert one.owner == "VirtualService default/nginx-virtual-service"
    assert [each.name for each in one.reaches] == [f"outbound|80|subset1|{HOST}"]


@pytest.mark.parametrize(
    ("word", "name", "kind"),
    [
        ("proxy", GATEWAY, "proxies"),
        ("proxy", "nginx-pod", "proxies"),
        ("filterchain", "0.0.0.0_8080/0", "filterchains"),
        ("endpoint", "10.20.1.10:80", "endpoints"),
        ("secret", "ROOTCA", "secrets"),
        ("bootstrap", GATEWAY, "bootstrap"),
        ("service", "nginx-service", "services"),
        ("service", HOST, "services"),
        ("vs", "nginx-virtual-service", "virtualservices.networking.istio.io"),
        ("dr", "nginx-destination-rule.default", "destinationrules.networking.istio.io"),
        ("pod", NGINX, "pods"),
    ],
)
def test_every_kind_of_a_recording_is_described(word: str, name: str, kind: str) -> None:
    found = described(recorded(WEBSITE), word, name)
    assert found.kind == kind
    assert found.object
    assert found.location


def test_an_object_is_used_by_what_istiod_made_of_it() -> None:
    found = described(recorded(WEBSITE), "vs", "nginx-virtual-service")
    assert (GATEWAY, "route_config", "http.8080") in {(each.proxy, each.kind, each.name) for each in found.used_by}
    assert found.object["spec"]["hosts"] == ["*"]


def test_an_extension_is_described() -> None:
    part = {"@type": meshes.ADMIN + "EcdsConfigDump", "ecds_filters": [{"ecds_filter": EXTENSION}]}
    found = described(mesh_of(dump(bootstrap(), part)), "extension", "wasm")
    assert found.object == EXTENSION


@pytest.mark.parametrize(
    "word", [*KINDS, *(str(kind) if kind.group else f"{kind.plural}.core" for kind in RESOURCE_KINDS)]
)
def test_what_is_not_there_is_nothing_to_describe(word: str) -> None:
    mesh = recorded(WEBSITE)
    assert describe(mesh, kind_named(word, mesh), Selection(name="nowhere")) is None


def test_a_dangling_reference_is_told_as_such() -> None:
    mesh = mesh_of(dump(bootstrap(), clusters(static("a", "10.0.0.1:80")), listeners(tcp_listener("l", "gone"))))
    (reference,) = described(mesh, "listener", "l").reaches
    assert (reference.kind, reference.name, reference.exists) == ("cluster", "gone", False)


CERTIFICATE = {"certificate_chain": {"inline_string": "x"}, "private_key": {"inline_string": KEY}}
SECRETS = [
    {"name": "s", "tls_certificate": CERTIFICATE},
    {"name": "s", "tls_certificate": {"password": {"inline_string": KEY}, "private_key_provider": {"x": KEY}}},
    {"name": "s", "session_ticket_keys": {"keys": [{"inline_string": KEY}]}},
    {"name": "s", "generic_secret": {"secret": {"inline_string": KEY}}},
]


@pytest.mark.parametrize("body", SECRETS)
@pytest.mark.parametrize("array", ["dynamic_active_secrets", "dynamicActiveSecrets"])
def test_no_key_is_in_the_description_of_a_secret(body: dict[str, Any], array: str) -> None:
    text = json.dumps(body)
    if array == "dynamicActiveSecrets":
        for key in ("private_key_provider", "private_key", "session_ticket_keys", "generic_secret"):
            text = text.replace(key, camel(key))
    written = json.loads(text)
    mesh = mesh_of(captured("x.json", {"configs": [{array: [{"name": "s", "secret": written}]}]}))
    found = described(mesh, "secret", "s")
    assert KEY not in str(found)
    assert "[redacted]" in str(found.object)


def test_no_inline_key_is_in_the_description_of_a_listener() -> None:
    socket = tls_socket("cert")
    socket["typed_config"]["common_tls_context"]["tls_certificates"] = [CERTIFICATE]
    chain = tcp_listener("l", "a", transport_socket=socket)
    assert KEY not in str(described(mesh_of(dump(bootstrap(), listeners(chain))), "listener", "l"))


def test_nothing_secret_is_in_the_description_of_a_kubernetes_secret() -> None:
    applied = json.dumps({"kind": "Secret", "data": {"tls.key": KEY}})
    metadata = {"name": "s", "annotations": {"kubectl.kubernetes.io/last-applied-configuration": applied, "a": "b"}}
    body = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": {"k": KEY}, "stringData": {"k": KEY}}
    found = described(mesh_of(captured("s.json", body)), "secret.core", "s")
    assert KEY not in str(found)
    assert found.object["metadata"]["annotations"]["a"] == "b"


def test_what_is_warming_is_described_where_nothing_of_its_name_is_in_effect() -> None:
    warming = {"dynamic_warming_clusters": [{"cluster": static("w", "10.0.0.1:80")}]}
    mesh = mesh_of(dump(bootstrap(), warming, routes(table("r", cluster="w")), secrets()))
    assert described(mesh, "cluster", "w").state == "warming"
    assert described(mesh, "cluster", "w", state="all").state == "warming"


@pytest.mark.parametrize(
    ("word", "name"), [("cluster", "agent"), ("endpoint", "10.20.1.10:80"), ("vs", "nginx-virtual-service")]
)
def test_describing_is_cancelled(word: str, name: str) -> None:
    mesh = recorded(WEBSITE)
    with pytest.raises(CancelledError):
        describe(mesh, kind_named(word, mesh), Selection(name=name), Work(cancelled=lambda: True))


def test_a_listener_says_which_update_of_it_was_refused() -> None:
    mesh = mesh_of(dump(bootstrap(), refused_update("l", "overlap")))
    found = described(mesh, "listener", "l")
    assert (found.state, found.refused) == (
        "active",
        ("an update of listener l of pod-1.default was refused: overlap",),
    )
    assert described(recorded(WEBSITE), "listener", "virtualOutbound").refused == ()


def test_what_is_refused_and_nowhere_in_effect_is_described_all_the_same() -> None:
    body = {"@type": f"{meshes.ADMIN}ListenersConfigDump", "dynamic_listeners": [
        {"name": "l", "error_state": {"failed_configuration": tcp_listener("l", "c"), "details": "no"}}]}  # fmt: skip
    found = described(mesh_of(dump(bootstrap(), body)), "listener", "l")
    assert (found.state, found.refused) == ("error", ("listener l of pod-1.default was refused: no",))


def test_an_object_shows_its_missing_targets_and_that_nothing_uses_it() -> None:
    spec = {"gateways": ["gone"], "http": [{"route": [{"destination": {"host": "store"}}]}]}
    route = manifest("VirtualService", "v", "networking.istio.io", "back", spec=spec)
    mesh = mesh_of(captured("v.json", route), captured("s.json", service()))
    found = described(mesh, "vs", "v")
    assert found.is_unused
    assert [(one.kind, one.name, one.exists) for one in found.reaches] == [
        ("Gateway", "back/gone", False),
        ("Service", "store.back.svc.cluster.local", True),
    ]
    assert [(one.kind, one.name) for one in described(mesh, "svc", "store").used_by] == [("VirtualService", "back/v")]
    assert not described(recorded(WEBSITE), "vs", "nginx-virtual-service").is_unused


def test_an_object_tells_what_the_api_server_drops_of_it() -> None:
    item = manifest("VirtualService", "a", "networking.istio.io", spec={"htp": []})
    thing = describe(mesh_of(captured("a.json", item)), kind_named("vs"), Selection(name="a"))
    assert thing is not None
    assert [(one.path, one.near) for one in thing.field_problems] == [("spec.htp", "http")]
