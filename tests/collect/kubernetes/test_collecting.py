"""A cluster becomes a snapshot: its objects, and what every proxy and control plane in it says."""

from __future__ import annotations

import gc
import itertools
import json
import threading
from pathlib import Path
from typing import NamedTuple

import pytest
from msgspec.structs import replace

from meshscope.collect.kubernetes import object_lists
from meshscope.snapshot.snapshot import Snapshot
from meshscope.work import Work

from .api_server import ApiServer
from .mesh import ISTIOD, LIVE, PROXIES, bookinfo, collected, lost, objects, proxies
from .objects import Answer, Objects, status
from .websockets import Address


class Whole(NamedTuple):
    """What one run gave, the server that was asked, and what was told of the progress."""

    snapshot: Snapshot
    cluster: ApiServer
    reports: list[tuple[int, int]]


@pytest.fixture(scope="module")
def whole(listening: dict[int, Address], tmp_path_factory: pytest.TempPathFactory) -> Whole:
    reports: list[tuple[int, int]] = []
    with ApiServer(bookinfo(), lambda _pod, port: listening.get(port)) as cluster:
        kubeconfig = cluster.kubeconfig(tmp_path_factory.mktemp("whole"))
        snapshot = collected(kubeconfig, work=Work(lambda done, total: reports.append((done, total))))
    return Whole(snapshot, cluster, reports)


def test_every_object_proxy_and_control_plane_comes(whole: Whole) -> None:
    snapshot = whole.snapshot
    assert proxies(snapshot) == PROXIES
    assert {one.istiod for one in snapshot.captured if one.kind == "debug/mesh"} == {ISTIOD}
    assert len(objects(snapshot, "Pod")) == 7
    assert objects(snapshot, "VirtualService") == ["bookinfo", "ratings", "reviews"]
    assert objects(snapshot, "ConfigMap") == ["istio"]
    assert (lost(snapshot), snapshot.problems) == ({}, ())
    assert {one.captured_at for one in snapshot.captured} == {"2026-08-01T00:00:00Z"}


def test_each_kind_is_listed_once_in_the_version_that_the_server_prefers(whole: Whole) -> None:
    asked = whole.cluster.paths()
    assert asked.count("/apis/networking.istio.io/v1/virtualservices") == 1
    assert "/apis/networking.istio.io/v1alpha3/virtualservices" not in asked
    assert "/apis/networking.istio.io/v1alpha3/envoyfilters" in asked
    assert "/apis/gateway.networking.k8s.io/v1alpha2/tcproutes" in asked
    assert "/apis/example.com/v1" not in asked


def test_only_get_leaves_and_nobody_asks_for_a_secret(cluster: ApiServer, kubeconfig: Path) -> None:
    cluster.fault = lambda _, path: (
        status(403, "Forbidden", "no") if path.partition("?")[0].endswith("/portforward") else None
    )
    collected(kubeconfig)
    assert {one.method for one in cluster.asked} == {"GET"}
    assert {one.upgrade for one in cluster.asked} == {"", "v4.channel.k8s.io", "v5.channel.k8s.io"}
    assert not [path for path in cluster.paths() if "secret" in path]
    assert not [path for path in cluster.paths() if path.endswith("configmaps")]
    commands = [one.path.partition("?")[2] for one in cluster.asked if "/exec?" in one.path]
    asked = ("command=pilot-agent&command=request&command=GET&", "command=pilot-discovery&command=request&command=GET&")
    assert commands
    assert all(command.startswith(asked) for command in commands)


def test_a_namespace_is_all_that_is_read_of_a_cluster(kubeconfig: Path) -> None:
    snapshot = collected(kubeconfig, "k8s:/shop")
    assert proxies(snapshot) == {"cart-v1-2da633a5f4-d838d.shop"}
    assert objects(snapshot, "VirtualService") == []
    assert "k8s:test/api/v1/namespaces/shop/pods" in {one.document.name for one in snapshot.captured}


def test_labels_choose_pods_and_never_leave_out_a_control_plane(kubeconfig: Path) -> None:
    snapshot = collected(kubeconfig, live=replace(LIVE, labels="app=reviews,version in (v1, v2)"))
    assert {name.partition("-7")[0][:10] for name in proxies(snapshot)} == {"reviews-v1", "reviews-v2"}
    assert ISTIOD in {one.istiod for one in snapshot.captured}
    assert "details-v1-deeb20a156-6ebbd" not in objects(snapshot, "Pod")


def test_a_list_in_pages_is_the_same_list(cluster: ApiServer, kubeconfig: Path) -> None:
    whole = sorted(item["metadata"]["name"] for item in cluster.objects.answer("/api/v1/pods", {}).body["items"])
    cluster.objects.most_per_page = 3
    paged = collected(kubeconfig)
    assert objects(paged, "Pod") == whole
    assert proxies(paged) == PROXIES
    pages = [one.document.name for one in paged.captured if "/v1/pods" in one.document.name]
    assert sorted(pages) == ["k8s:test/api/v1/pods", "k8s:test/api/v1/pods (page 2)", "k8s:test/api/v1/pods (page 3)"]


def test_a_page_is_kept_as_the_server_wrote_it(whole: Whole) -> None:
    kept = next(one.document.body for one in whole.snapshot.captured if one.document.name == "k8s:test/api/v1/pods")
    assert kept == json.dumps(whole.cluster.objects.answer("/api/v1/pods", {}).body).encode()


def test_a_list_whose_token_expired_is_begun_again(cluster: ApiServer, kubeconfig: Path) -> None:
    cluster.objects.most_per_page, cluster.objects.expiring = 3, 1
    snapshot = collected(kubeconfig)
    assert len(objects(snapshot, "Pod")) == 7
    assert lost(snapshot) == {}


def test_a_list_whose_tokens_always_expire_ends_with_what_came(cluster: ApiServer, kubeconfig: Path) -> None:
    cluster.objects.most_per_page, cluster.objects.expiring = 3, 1000
    snapshot = collected(kubeconfig)
    assert len(objects(snapshot, "Pod")) == 3
    assert lost(snapshot)["k8s:test/api/v1/pods"].startswith(
        "page 2 and all after it: answered 410: The provided continue"
    )


def test_a_list_that_never_ends_ends_with_what_came(cluster: ApiServer, kubeconfig: Path) -> None:
    cluster.objects.most_per_page = 3

    def fault(_method: str, path: str) -> Answer | None:
        if "/v1/pods?" not in path:
            return None
        page = cluster.objects.answer("/api/v1/pods", {"limit": "3"})
        return Answer(200, page.body | {"metadata": {"continue": "again"}})

    cluster.fault = fault
    snapshot = collected(kubeconfig)
    assert lost(snapshot)["k8s:test/api/v1/pods"] == (
        "page 3 and all after it: not requested: the API server repeats a continue token"
    )


def test_a_list_of_new_tokens_without_end_has_a_bound(
    cluster: ApiServer, kubeconfig: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_lists, "MOST_PAGES", 5)
    tokens = itertools.count()

    def fault(_method: str, path: str) -> Answer | None:
        if "/v1/services?" not in path:
            return None
        return Answer(200, {"metadata": {"continue": f"t{next(tokens)}"}, "items": []})

    cluster.fault = fault
    failures = lost(collected(kubeconfig))
    assert failures["k8s:test/api/v1/services"] == "page 6 and all after it: not requested: a list has at most 5 pages"


def test_progress_ends_with_everything_done(whole: Whole) -> None:
    done, total = whole.reports[-1]
    assert done == total
    assert total > 9 * len(PROXIES)
    assert [done for done, _ in whole.reports] == sorted(done for done, _ in whole.reports)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # httpcore leaves it to the collector
def test_a_cancelled_run_keeps_what_came(kubeconfig: Path) -> None:
    """A connection that is cancelled in its TLS handshake among it."""
    enough = threading.Event()

    def progress(done: int, _total: int) -> None:
        if done >= 30:
            enough.set()

    snapshot = collected(kubeconfig, work=Work(progress, enough.is_set))
    assert len(objects(snapshot, "Pod")) == 7
    came = [one for one in snapshot.captured if not one.document.failure]
    assert 10 < len(came) < 65
    assert ["cancelled" in one.message for one in snapshot.problems] in ([True], []), snapshot.problems
    assert snapshot.problems or "cancelled before it was requested" in lost(snapshot).values()
    gc.collect()


def test_the_same_cluster_gives_the_same_snapshot(whole: Whole, kubeconfig: Path) -> None:
    first, second = whole.snapshot, collected(kubeconfig)
    assert [one.document.name for one in first.captured] == [one.document.name for one in second.captured]


def test_only_so_many_servers_are_asked_at_once(cluster: ApiServer, kubeconfig: Path) -> None:
    """Three connections each; the server may not have seen yet that those of a third one are closed."""
    collected(kubeconfig, live=replace(LIVE, concurrency=2))
    assert 0 < cluster.most_forwards <= 3 * 3


@pytest.mark.parametrize("spec", ['{"containers": 7}', '{"containers": [{"name": []}]}'])
def test_a_pod_that_cannot_be_read_costs_itself_alone(tmp_path: Path, spec: str) -> None:
    found = bookinfo()
    found.add({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "odd"}, "spec": json.loads(spec)})
    with ApiServer(found) as server:
        snapshot = collected(server.kubeconfig(tmp_path), live=replace(LIVE, timeout=1))
    assert len(objects(snapshot, "Pod")) == 8
    assert ["a pod, which is left out" in one.message for one in snapshot.problems] == [True]


def test_a_cluster_without_a_mesh_is_listed_all_the_same(tmp_path: Path) -> None:
    with ApiServer(Objects([{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}}])) as server:
        snapshot = collected(server.kubeconfig(tmp_path))
    assert objects(snapshot, "Namespace") == ["default"]
    assert (lost(snapshot), snapshot.problems) == ({}, ())
