from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import Raw

from meshscope.envoy.server_info import ServerInfo, server_info
from meshscope.location import Document, Location

SLEEP = Path(__file__).parents[1] / "data/envoy/admin/sleep/server_info.json"


def read(body: bytes) -> ServerInfo:
    info, problems = server_info(Raw(body), Location(Document.of("server_info.json", body)))
    assert problems == ()
    return info


def test_a_recorded_proxy_says_who_it_is() -> None:
    info = read(SLEEP.read_bytes())
    assert (info.version, info.state, info.uptime) == ("1.40.0", "LIVE", "43s")
    node = info.node
    assert node is not None
    assert node.id == "sidecar~10.20.0.41~sleep-4c000f4388-b71ee.default~default.svc.cluster.local"
    assert (node.namespace, node.workload, node.mesh_cluster) == ("default", "sleep", "Kubernetes")
    assert (node.envoy_version, node.interception_mode) == ("1.40.0", "REDIRECT")
    assert node.istio_version.startswith("1.32-alpha.")
    assert ("app", "sleep") in node.labels


@pytest.mark.parametrize(
    ("build", "version"),
    [
        ("ee85c5f2/1.29.3-dev/Clean/RELEASE/BoringSSL", "1.29.3-dev"),
        ("0/1.7.0-dev//RELEASE", "1.7.0-dev"),
        ("unversioned", ""),
        ("a/b/c", ""),
        ("", ""),
    ],
)
def test_the_version_is_the_second_part_of_the_build(build: str, version: str) -> None:
    assert read(f'{{"version": "{build}"}}'.encode()).version == version


def test_a_node_that_does_not_read_is_a_problem_and_the_rest_stays() -> None:
    info, problems = server_info(
        Raw(b'{"state": "LIVE", "node": {"id": 3}}'), Location(Document.of("server_info.json", b""))
    )
    assert (info.state, info.node) == ("LIVE", None)
    assert problems[0].message.startswith("/server_info: node: Expected `str`")


def test_another_answer_is_a_problem() -> None:
    assert server_info(Raw(b"[]"), Location(Document.of("x", b"[]")))[1] != ()
