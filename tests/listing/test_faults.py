"""Each fault is found where it is, and not beside it."""

from __future__ import annotations

from typing import Any

import pytest

from meshscope.listing.faults import Fault, Severity, faults
from meshscope.location import Document
from meshscope.mesh.mesh import Mesh
from meshscope.snapshot.snapshot import Captured

from ..mesh.meshes import (
    ADMIN,
    bootstrap,
    captured,
    clusters,
    dump,
    eds,
    http_listener,
    mesh_of,
    owner,
    recorded,
    routes,
    static,
    table,
    tcp_listener,
)

CONFIG = {"filter_metadata": {"istio": {"config": "/apis/networking.istio.io/v1/namespaces/shop/gateway/front"}}}
REFUSAL = {"details": "duplicate filter chain match", "last_update_attempt": "2026-11-24T16:00:00Z"}


def found(mesh: Mesh, at: str = "") -> tuple[Fault, ...]:
    return tuple(fault for proxy in mesh.proxies for fault in faults(mesh, proxy, at))


def texts(*documents: Captured) -> list[str]:
    return [fault.text for fault in found(mesh_of(*documents))]


def listeners(**states: Any) -> dict[str, Any]:
    entry = {"name": "web", **states}
    return {"@type": ADMIN + "ListenersConfigDump", "dynamic_listeners": [entry]}


def refused(body: dict[str, Any]) -> dict[str, Any]:
    return {"error_state": {"failed_configuration": body, **REFUSAL}}


@pytest.mark.parametrize("name", ["bookinfo", "bookinfo-v2", "website"])
def test_a_healthy_recording_has_no_fault(name: str) -> None:
    assert found(recorded(name)) == ()


def test_a_refused_listener_is_an_error_with_envoys_words_and_the_owner_of_a_chain() -> None:
    body = tcp_listener("web", "c", metadata=CONFIG)
    (fault,) = found(mesh_of(dump(bootstrap(), listeners(active_state={"listener": body}, **refused(body)))))
    assert fault.severity is Severity.ERROR
    assert fault.text == "listener web was refused: duplicate filter chain match"
    assert (fault.kind, fault.name, fault.state) == ("listeners", "web", "error")
    assert fault.owner == "Gateway shop/front"
    assert fault.location is not None


def test_a_listener_that_was_accepted_is_no_fault() -> None:
    assert texts(dump(bootstrap(), listeners(active_state={"listener": http_listener("web", "r")}))) == []


def test_a_refusal_without_words_is_told_without_them() -> None:
    nameless = {"error_state": {"failed_configuration": tcp_listener("web", "c")}}
    assert texts(dump(bootstrap(), listeners(**nameless))) == ["listener web was refused"]


def test_a_refused_update_of_a_route_table_in_effect_has_the_owner_of_a_route() -> None:
    config = table("80", cluster="c")
    config["virtual_hosts"][0]["routes"][0]["metadata"] = CONFIG
    section = {"@type": ADMIN + "RoutesConfigDump", "dynamic_route_configs": [
        {"route_config": config, "error_state": {"failed_configuration": config, **REFUSAL}}]}  # fmt: skip
    mesh = mesh_of(dump(bootstrap(), section))
    assert [fault.text for fault in found(mesh)] == [
        "an update of route config 80 was refused: duplicate filter chain match"
    ]
    assert {(fault.kind, fault.name, fault.owner) for fault in found(mesh)} == {("routes", "80", "Gateway shop/front")}


def test_a_warming_cluster_is_a_warning_and_an_active_one_is_none() -> None:
    section = {"@type": ADMIN + "ClustersConfigDump", "dynamic_warming_clusters": [{"cluster": eds("cold")}],
               "dynamic_active_clusters": [{"cluster": static("warm")}]}  # fmt: skip
    (fault,) = found(mesh_of(dump(bootstrap(), section)))
    assert (fault.severity, fault.kind, fault.name, fault.state) == (Severity.WARNING, "clusters", "cold", "warming")


def syncz(**states: str) -> Captured:
    kinds = ("cluster", "listener", "route", "endpoint")
    row = {f"{kind}_{when}": "1" for kind in kinds for when in ("sent", "acked")} | states
    return captured("syncz.json", [{"proxy": "pod-1.default", "istio_version": "1.32.0", **row}])


def test_a_proxy_that_has_what_was_sent_is_no_fault() -> None:
    assert texts(dump(bootstrap(), clusters()), syncz()) == []


def test_a_type_that_was_not_sent_is_no_fault() -> None:
    assert texts(dump(bootstrap(), clusters()), syncz(route_sent="", route_acked="")) == []


def test_a_type_that_is_not_acknowledged_is_a_warning() -> None:
    (fault,) = found(mesh_of(dump(bootstrap(), clusters()), syncz(listener_acked="0")))
    assert fault.severity is Severity.WARNING
    assert fault.text.startswith("LDS is stale")
    assert fault.kind == "listeners"


def test_a_proxy_that_no_control_plane_knows_has_no_fault_of_sync() -> None:
    assert texts(dump(bootstrap("other-1.default"), clusters()), syncz(listener_acked="0")) == []


def test_a_certificate_is_judged_at_the_time_of_capture_or_at_a_given_one() -> None:
    mesh = recorded("bookinfo")
    late = found(mesh, "2099-01-01T00:00:00Z")
    assert {fault.kind for fault in late} == {"secrets"}
    assert all("is not valid at 2099-01-01T00:00:00Z" in fault.text for fault in late)
    assert len({fault.name for fault in late}) >= 1


def server(state: str) -> Captured:
    return captured("server_info.json", {"version": "1/1.40.0/Clean/RELEASE/x", "state": state,
                                         "node": bootstrap()["bootstrap"]["node"]}, kind="server_info",
                    owner=owner("pod-1"))  # fmt: skip


@pytest.mark.parametrize(
    ("state", "severity"),
    [("INITIALIZING", Severity.ERROR), ("PRE_INITIALIZING", Severity.ERROR), ("DRAINING", Severity.WARNING)],
)
def test_an_envoy_that_is_not_live_is_a_fault(state: str, severity: Severity) -> None:
    (fault,) = found(mesh_of(dump(bootstrap(), clusters()), server(state)))
    assert (fault.severity, fault.text.startswith(f"Envoy is {state}")) == (severity, True)


def test_a_live_envoy_is_none() -> None:
    assert texts(dump(bootstrap(), clusters()), server("LIVE")) == []


def test_a_document_that_was_requested_in_vain_is_a_warning() -> None:
    lost = Captured(Document.lost("clusters.json", "HTTP 503"), kind="clusters", owner=owner("pod-1"))
    (fault,) = found(mesh_of(dump(bootstrap(), clusters()), lost))
    assert (fault.severity, fault.text, fault.kind) == (Severity.WARNING, "clusters was not captured", "")


def test_errors_are_first() -> None:
    body = tcp_listener("web", "c")
    warming = {"@type": ADMIN + "ClustersConfigDump", "dynamic_warming_clusters": [{"cluster": eds("cold")}]}
    mesh = mesh_of(dump(bootstrap(), warming, listeners(**refused(body))), syncz(listener_acked="0"))
    assert [fault.severity for fault in found(mesh)] == [Severity.ERROR, Severity.WARNING, Severity.WARNING]


def test_a_dangling_reference_is_no_fault() -> None:
    assert texts(dump(bootstrap(), clusters(), routes(table("80", cluster="missing")))) == []
