"""What may not be asked costs itself alone, and says which permission it lacks."""

from __future__ import annotations

from pathlib import Path

import pytest

from meshscope.errors import UnreachableError

from .api_server import ApiServer
from .mesh import ISTIOD, PROXIES, collected, lost, objects, proxies
from .objects import Answer, status

FORBIDDEN = status(403, "Forbidden", 'User "jane" cannot do that')
CART = "k8s:test/shop/cart-v1-2da633a5f4-d838d"


def test_one_list_that_is_forbidden_costs_itself_alone(cluster: ApiServer, kubeconfig: Path) -> None:
    cluster.fault = lambda _, path: FORBIDDEN if "/virtualservices" in path else None
    snapshot = collected(kubeconfig)
    assert lost(snapshot) == {
        "k8s:test/apis/networking.istio.io/v1/virtualservices": "cannot list virtualservices.networking.istio.io"
        " in all namespaces: ask for verbs get, list on virtualservices.networking.istio.io"
    }
    assert snapshot.problems == ()
    assert proxies(snapshot) == PROXIES
    assert len(objects(snapshot, "DestinationRule")) == 4


def test_who_may_see_one_namespace_gets_that(cluster: ApiServer, kubeconfig: Path) -> None:
    """The context's own."""

    def fault(_method: str, path: str) -> Answer | None:
        is_discovery = "?" not in path and "/namespaces/" not in path
        return None if is_discovery or "/namespaces/default" in path else FORBIDDEN

    cluster.fault = fault
    snapshot = collected(kubeconfig)
    assert proxies(snapshot) == {name for name in PROXIES if name.endswith(".default")}
    assert set(objects(snapshot, "VirtualService")) == {"bookinfo", "ratings", "reviews"}
    told = {one.document: one.message for one in snapshot.problems}
    assert told["k8s:test/api/v1/pods"] == (
        "cannot list pods in all namespaces: ask for verbs get, list on pods; only those of default were read"
    )
    assert (
        lost(snapshot)["k8s:test/api/v1/nodes"] == "cannot list nodes in the cluster: ask for verbs get, list on nodes"
    )


def test_who_may_not_ask_what_there_is_still_gets_pods_and_proxies(cluster: ApiServer, kubeconfig: Path) -> None:
    cluster.fault = lambda _, path: FORBIDDEN if path == "/apis" else None
    snapshot = collected(kubeconfig)
    assert proxies(snapshot) == PROXIES
    assert [one.document for one in snapshot.problems] == ["k8s:test/apis"]
    assert "answered 403: User" in snapshot.problems[0].message


def test_a_mesh_config_that_may_not_be_read_says_what_to_ask_for(cluster: ApiServer, kubeconfig: Path) -> None:
    cluster.fault = lambda _, path: FORBIDDEN if "configmaps" in path else None
    assert lost(collected(kubeconfig)) == {
        "k8s:test/api/v1/namespaces/istio-system/configmaps/istio": "cannot get configmaps/istio in istio-system:"
        " ask for verbs get on configmaps/istio"
    }


def test_where_a_port_forward_is_forbidden_a_command_asks(cluster: ApiServer, kubeconfig: Path) -> None:
    cluster.fault = lambda _, path: FORBIDDEN if path.partition("?")[0].endswith("/portforward") else None
    snapshot = collected(kubeconfig)
    assert proxies(snapshot) == PROXIES
    assert "debug/mesh" in {one.kind for one in snapshot.captured if one.istiod == ISTIOD}
    assert lost(snapshot) == {}


def test_where_both_are_forbidden_a_pod_has_one_row_that_says_so(cluster: ApiServer, kubeconfig: Path) -> None:
    ends = ("/portforward", "/exec")
    cluster.fault = lambda _, path: FORBIDDEN if path.partition("?")[0].endswith(ends) else None
    snapshot = collected(kubeconfig)
    rows = {name: why for name, why in lost(snapshot).items() if name.startswith(CART)}
    assert rows == {
        f"{CART}/config_dump?include_eds": "cannot create pods/portforward nor pods/exec in shop:"
        " ask for verbs get, create on pods/portforward"
    }
    assert len(lost(snapshot)) == len(PROXIES) + 1
    assert len(objects(snapshot, "Pod")) == 7


@pytest.mark.parametrize("code", [429, 503])
def test_a_busy_server_is_asked_again(cluster: ApiServer, kubeconfig: Path, code: int) -> None:
    busy = [status(code, "Busy", "too many requests, please try again later")]
    cluster.fault = lambda _, path: busy.pop() if busy and path.startswith("/api/v1/services") else None
    snapshot = collected(kubeconfig)
    assert objects(snapshot, "Service")
    assert (lost(snapshot), busy) == ({}, [])


def test_a_list_that_always_fails_costs_itself_alone(cluster: ApiServer, kubeconfig: Path) -> None:
    broken = status(500, "InternalError", "etcdserver: request timed out")
    cluster.fault = lambda _, path: broken if path.startswith("/api/v1/services") else None
    snapshot = collected(kubeconfig)
    assert lost(snapshot) == {"k8s:test/api/v1/services": "answered 500: etcdserver: request timed out"}
    assert proxies(snapshot) == PROXIES


def test_credentials_that_are_not_accepted_end_the_run_in_one_line(cluster: ApiServer, tmp_path: Path) -> None:
    with pytest.raises(UnreachableError) as told:
        collected(cluster.kubeconfig(tmp_path, token="yesterday's"))  # noqa: S106  # refused
    said = str(told.value)
    assert "does not accept the credentials (answered 401: Unauthorized): log in again" in said
    assert "\n" not in said
