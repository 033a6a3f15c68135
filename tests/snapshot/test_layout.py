"""Whose a file is, by where it lies."""

from __future__ import annotations

import pytest

from meshscope.snapshot.layout import Hints, debug_endpoint, hints, log_owners, typed_hints
from meshscope.snapshot.snapshot import ProxyId

REVIEWS = Hints(ProxyId("", "default", "reviews-v1"))


@pytest.mark.parametrize(
    "path",
    [
        "proxies/default/reviews-v1/config_dump.json",
        "proxies/default/reviews-v1/stats/prometheus",
        "proxies/default/reviews-v1/cores/1.core",
        "bug-report/proxies/default/reviews-v1/config_dump?include_eds",
        "proxies/default/reviews-v1/config_dump?include_eds",
        "mesh_clusters/east/proxies/default/reviews-v1/clusters.txt",
        "namespaces/default/pods/reviews-v1/config_dump_proxy.json",
        "must-gather/quay-io-x/namespaces/default/pods/reviews-v1/config_dump_istiod.json",
        "istio/namespaces/default/pods/reviews-v1/proxy_stats",
        "namespaces/default/pods/reviews-v1/istio-proxy/istio-proxy/logs/current.log",
    ],
)
def test_a_file_in_a_pods_folder_belongs_to_its_proxy(path: str) -> None:
    assert hints(path) == REVIEWS


@pytest.mark.parametrize(
    ("path", "pod"),
    [
        ("istiod/istiod-1/debug/syncz.json", "istiod-1"),
        ("istiod/istiod-1/version", "istiod-1"),
        ("bug-report/istio/istio-system/istiod-7f/debug/syncz", "istiod-7f"),
        ("istio/istio-system/istiod-7f/discovery.log", "istiod-7f"),
        ("istio/istio-system/istiod-7f/metrics", "istiod-7f"),
        ("must-gather/namespaces/istio-system/istiod-7f/debug-syncz.json", "istiod-7f"),
    ],
)
def test_a_file_in_a_control_planes_folder_was_answered_by_its_pod(path: str, pod: str) -> None:
    assert hints(path) == Hints(istiod=pod)


@pytest.mark.parametrize(
    "path",
    [
        "config_dump.json",
        "proxies/config_dump.json",
        "proxies/default/config_dump.json",
        "myproxies/default/reviews-v1/config_dump.json",
        "namespaces/default/default.yaml",
        "namespaces/default/pods/reviews-v1/reviews-v1.yaml",
        "namespaces/default/pods/reviews-v1/reviews/reviews/logs/current.log",
        "namespaces/default/core/pods.yaml",
        "namespaces/istio-system/debug-syncz.json",
        "istio/namespaces/default/pods.yaml",
        "istio/cluster-scoped-resources/core/nodes.yaml",
        "cni/istio-cni-1/cni.log",
        "cluster/k8s-resources",
        "manifests/istio.yaml",
        "",
    ],
)
def test_other_files_belong_to_nobody(path: str) -> None:
    assert hints(path) == Hints()


def test_a_plain_envoy_lies_below_a_dash_and_odd_names_are_read_back() -> None:
    assert hints("proxies/-/127.0.0.1%3A9901/clusters.txt") == Hints(ProxyId("", "", "127.0.0.1:9901"))


def test_the_users_mesh_cluster_goes_to_every_owner() -> None:
    assert hints("proxies/default/a/stats.json", "east").owner == ProxyId("east", "default", "a")


def test_of_a_typed_name_only_answers_of_envoy_and_istiod_count() -> None:
    assert typed_hints("rec/proxies/default/reviews-v1/config_dump.json") == REVIEWS
    assert typed_hints("rec/proxies/default/reviews-v1/config_dump?include_eds") == REVIEWS
    assert typed_hints("rec/proxies/default/reviews-v1/istiod_edsz.json") == REVIEWS
    assert typed_hints("/home/me/proxies/team/dumps/front-envoy.json") == Hints()


def test_a_log_belongs_to_the_only_proxy_with_its_pods_name() -> None:
    a, b, other = ProxyId("", "x", "a"), ProxyId("", "x", "b"), ProxyId("", "y", "b")
    paths = ["logs/a.jsonl", "logs/b.jsonl", "logs/c.jsonl", "logs/a.txt", "rec/logs/a.log"]
    assert log_owners(paths, [a, a, b, other]) == {"logs/a.jsonl": a, "rec/logs/a.log": a}


@pytest.mark.parametrize(
    ("path", "endpoint"),
    [
        ("istiod/istiod-1/debug/mcsz.json", "mcsz"),
        ("istiod/istiod-1/debug/mcsz", "mcsz"),
        ("bug-report/istio/istio-system/istiod-7f/debug/endpointShardz", "endpointShardz"),
        ("report.tar.gz!istio/istio-system/istiod-7f/debug/krtz", "krtz"),
        ("istiod/istiod-1/debug/config_dump?proxyID=a.b", "config_dump"),
        ("namespaces/istio-system/istiod-7f/debug-syncz.json", "syncz"),
        ("namespaces/istio-system/debug-syncz.json", "syncz"),
        ("istiod/istiod-1/version", ""),
        ("proxies/default/a/debug.json", ""),
        ("debug/syncz.json", ""),
    ],
)
def test_an_istiods_debug_endpoint_is_told_by_the_path(path: str, endpoint: str) -> None:
    assert debug_endpoint(path) == endpoint
