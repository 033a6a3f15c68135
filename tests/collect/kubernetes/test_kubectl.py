"""kubectl speaks with the API server of these tests as with a real one: the server is a fair stand-in."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from .api_server import ApiServer
from .mesh import ISTIOD
from .objects import status

pytestmark = pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
CART = "cart-v1-2da633a5f4-d838d"


class Kubectl:
    def __init__(self, kubeconfig: Path) -> None:
        self._kubeconfig = kubeconfig

    def __call__(self, *arguments: str) -> str:
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "KUBECONFIG": str(self._kubeconfig),
            "HOME": str(self._kubeconfig.parent),
            "PATH": "/usr/bin:/bin",
        }
        command = ["kubectl", "--request-timeout=10s", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=20, check=False)


@pytest.fixture
def kubectl(kubeconfig: Path) -> Kubectl:
    return Kubectl(kubeconfig)


def test_kubectl_lists_the_pods_of_all_namespaces(kubectl: Kubectl) -> None:
    listed = json.loads(kubectl("get", "pods", "-A", "-o", "json"))
    assert len(listed["items"]) == 7
    assert {item["kind"] for item in listed["items"]} == {"Pod"}


def test_kubectl_follows_the_pages(cluster: ApiServer, kubectl: Kubectl) -> None:
    cluster.objects.most_per_page = 3
    names = kubectl("get", "pods", "-A", "-o", "name", "--chunk-size=4").split()
    assert len(set(names)) == 7
    assert len([path for path in cluster.paths() if path == "/api/v1/pods"]) == 3


def test_kubectl_finds_istios_kinds_by_discovery(kubectl: Kubectl) -> None:
    table = kubectl("get", "virtualservices", "-A").splitlines()
    assert table[0].split() == ["NAMESPACE", "NAME", "AGE"]
    assert [line.split()[1] for line in table[1:]] == ["bookinfo", "reviews", "ratings"]
    assert "virtualservices" in kubectl("api-resources", "--api-group=networking.istio.io")


@pytest.mark.parametrize(
    ("selector", "count"),
    [("app=reviews", 2), ("app=reviews,version!=v1", 1), ("app in (istiod, details)", 2), ("istio", 2)],
)
def test_kubectl_selects_by_labels(kubectl: Kubectl, selector: str, count: int) -> None:
    assert len(kubectl("get", "pods", "-A", "-o", "name", "-l", selector).split()) == count


def test_kubectl_gets_one_object_and_is_told_of_one_that_is_not_there(kubectl: Kubectl) -> None:
    assert "trustDomain" in kubectl("get", "configmap", "istio", "-n", "istio-system", "-o", "jsonpath={.data.mesh}")
    missing = kubectl.run("get", "pod", "nobody")
    assert missing.returncode == 1
    assert "NotFound" in missing.stderr


def test_kubectl_reads_raw_paths_and_watches(kubectl: Kubectl) -> None:
    assert json.loads(kubectl("get", "--raw", "/version"))["gitVersion"] == "v1.32.4"
    watch = "/api/v1/namespaces/shop/pods?watch=1&allowWatchBookmarks=true&timeoutSeconds=0"
    events = [json.loads(line) for line in kubectl("get", "--raw", watch).splitlines()]
    assert [event["type"] for event in events] == ["ADDED", "BOOKMARK"]


def test_kubectl_says_who_may_what(cluster: ApiServer, kubectl: Kubectl) -> None:
    assert kubectl("auth", "can-i", "get", "pods").strip() == "yes"
    cluster.fault = lambda _, path: status(403, "Forbidden", "pods is forbidden") if "/pods" in path else None
    refused = kubectl.run("get", "pods")
    assert "Error from server (Forbidden)" in refused.stderr


def test_kubectl_runs_a_command_in_a_pod(cluster: ApiServer, kubectl: Kubectl) -> None:
    asked = ("-n", "shop", CART, "-c", "istio-proxy", "--", "pilot-agent", "request", "GET", "server_info")
    assert json.loads(kubectl("exec", *asked))["kind"] == "server_info"
    assert [one.upgrade for one in cluster.asked if one.upgrade] == ["v5.channel.k8s.io"]
    version = ("-n", "istio-system", ISTIOD, "--", "pilot-discovery", "request", "GET", "/version")
    assert kubectl("exec", *version).startswith("1.32")


def test_kubectl_is_told_why_a_command_fails(kubectl: Kubectl) -> None:
    failed = kubectl.run("exec", "-n", "shop", CART, "--", "cat", "/etc/passwd")
    assert failed.returncode != 0
    assert "executable file not found" in failed.stderr
