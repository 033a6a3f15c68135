"""The bundled mesh, served by a cluster: what is asked live is answered like the recording."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from meshscope import Mesh, Request, open_snapshot, trace
from meshscope.cli.app import run
from meshscope.snapshot.recording import write_recording

from ...recordings import BOOKINFO
from .mesh import collected
from .recorded import recorded_cluster

REQUESTS = (
    Request(source="productpage", dest="reviews"),
    Request(source="productpage", dest="reviews", headers=(("end-user", "jason"),)),
    Request(source="istio-ingressgateway", dest="http://bookinfo.example.com/productpage"),
    Request(source="sleep", dest="ratings", headers=(("end-user", "tester"),)),
    Request(source="sleep", dest="legacy:8000"),
    Request(source="reviews-v1", dest="http://unknown.example.com/"),
)


@pytest.fixture(scope="module")
def kubeconfig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with recorded_cluster() as (server, _):
        yield server.kubeconfig(tmp_path_factory.mktemp("kube"))


def outcomes(mesh: Mesh, request: Request) -> list[Any]:
    found = trace(mesh, request)
    return [
        (path.disposition, path.probability, path.response, path.assuming,
         [(hop.proxy, hop.listener, hop.route_config, hop.route, hop.cluster, hop.tls) for hop in path.hops])
        for path in found.paths
    ]  # fmt: skip


def test_a_live_cluster_is_traced_like_its_recording(kubeconfig: Path, tmp_path: Path) -> None:
    live = collected(kubeconfig)
    write_recording(live, tmp_path / "out.tar.gz")
    meshes = [Mesh(open_snapshot(str(BOOKINFO))), Mesh(live), Mesh(open_snapshot(str(tmp_path / "out.tar.gz")))]
    assert [len(mesh.proxies) for mesh in meshes] == [9, 9, 9]
    for request in REQUESTS:
        recorded, *others = (outcomes(mesh, request) for mesh in meshes)
        assert recorded
        assert others == [recorded, recorded]


def test_the_command_line_traces_the_current_context(
    kubeconfig: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig))
    monkeypatch.delenv("MESHSCOPE_FROM", raising=False)
    assert run(["trace", "productpage", "reviews", "-H", "end-user: jason", "-o", "json"]) == 0
    out, err = capsys.readouterr()
    assert "the cluster of kubeconfig context" in err
    hop = json.loads(out)["paths"][0]["hops"][0]
    assert hop["cluster"] == "outbound|9080|v2|reviews.default.svc.cluster.local"
