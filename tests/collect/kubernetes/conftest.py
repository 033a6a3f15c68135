"""What listens in the pods of a test's cluster: an Envoy's admin on 15000, an istiod on 15014, nothing elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from meshscope.collect import http_client
from meshscope.collect.kubernetes import object_lists, port_forward_client

from .api_server import ApiServer
from .mesh import admin, bookinfo, istiod
from .pod_server import PodServer
from .websockets import Address


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many tries as ever, with less time between them: how busy these servers are is no matter of time."""
    monkeypatch.setattr(http_client, "_PAUSE", 0.005)
    short = tuple(pause / 20 for pause in object_lists.PAUSES)
    for module in (object_lists, port_forward_client):
        monkeypatch.setattr(module, "PAUSES", short)


@pytest.fixture(scope="module")
def listening() -> Iterator[dict[int, Address]]:
    with PodServer(admin) as envoy, PodServer(istiod) as control:
        yield {15000: envoy.address, 15014: control.address}


@pytest.fixture
def cluster(listening: dict[int, Address]) -> Iterator[ApiServer]:
    with ApiServer(bookinfo(), lambda _pod, port: listening.get(port)) as server:
        yield server


@pytest.fixture
def kubeconfig(cluster: ApiServer, tmp_path: Path) -> Path:
    return cluster.kubeconfig(tmp_path)
