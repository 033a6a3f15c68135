"""A cluster in the browser: it is read, read again, and what stops answering keeps its last state."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from meshscope.cli.ui import Opening
from meshscope.collect.kubernetes import object_lists, port_forward_client

from ..collect.kubernetes.api_server import ApiServer
from ..collect.kubernetes.mesh import LIVE
from ..collect.kubernetes.objects import status
from ..collect.kubernetes.recorded import recorded_cluster
from ..collect.kubernetes.websockets import Address
from .driving import Driven, Walk, drive_sources

DEAD = "reviews-v2-7a244bf231-2a6a1"
SINCE = r"stopped answering \d\d:\d\d:\d\d"


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    short = tuple(pause / 20 for pause in object_lists.PAUSES)
    for module in (object_lists, port_forward_client):
        monkeypatch.setattr(module, "PAUSES", short)


def on_cluster(folder: Path, walk: Callable[[ApiServer, dict[str, Address]], Walk]) -> None:
    with recorded_cluster() as (server, addresses):
        live = replace(LIVE, kubeconfig=str(server.kubeconfig(folder)), now=lambda: "2026-11-24T17:40:00Z")
        drive_sources(Opening(live, ""), walk(server, addresses), sources=("k8s:",), size=(120, 30))


async def to(browser: Driven, name: str) -> None:
    await browser.press("g")
    for _ in range(9):
        if name not in browser.pointed:
            await browser.press("j")
    assert name in browser.pointed


def test_a_pod_that_does_not_answer_keeps_its_last_state_and_says_since_when(tmp_path: Path) -> None:
    def steps(_server: ApiServer, addresses: dict[str, Address]) -> Walk:
        async def walk(browser: Driven) -> None:
            assert "9 proxies: 8 sidecars, 1 gateway" in browser.text
            assert "live · " in browser.lines[0]
            assert "✗" not in browser.text
            await to(browser, DEAD)
            address = addresses.pop(DEAD)
            await browser.press("r")
            assert re.search(f"✗ reviews-v….* {SINCE}", browser.lines[0])
            assert DEAD in browser.pointed, "the cursor stays"
            assert "✗" in browser.pointed
            assert re.search(rf"✗ {SINCE} \(port-forward to 15000: .*\): its last state is shown", browser.text)
            await browser.press("enter")
            assert "virtualOutbound" in browser.text or "15001" in browser.text
            await browser.press("escape")
            addresses[DEAD] = address
            await browser.press("r")
            assert "✗" not in browser.text
            assert DEAD in browser.pointed

        return walk

    on_cluster(tmp_path, steps)


def test_a_pod_that_is_deleted_is_gone_and_the_cursor_stays_with_its_neighbour(tmp_path: Path) -> None:
    def steps(server: ApiServer, _addresses: dict[str, Address]) -> Walk:
        async def walk(browser: Driven) -> None:
            await to(browser, "productpage")
            server.objects.remove("Pod", DEAD)
            await browser.press("r")
            assert "8 proxies: 7 sidecars, 1 gateway" in browser.text
            assert "1 gone since" in browser.text
            assert DEAD not in browser.text
            assert "productpage" in browser.pointed

        return walk

    on_cluster(tmp_path, steps)


def test_a_cluster_that_refuses_keeps_all_its_proxies_and_says_why(tmp_path: Path) -> None:
    def steps(server: ApiServer, _addresses: dict[str, Address]) -> Walk:
        async def walk(browser: Driven) -> None:
            server.fault = lambda _method, _path: status(403, "Forbidden", "not allowed")
            await browser.press("r")
            assert re.search(f"✗ k8s: {SINCE}", browser.lines[0])
            assert "9 proxies" in browser.text
            assert "cannot list pods in all namespaces" in browser.text
            server.fault = lambda _method, _path: None
            await browser.press("r")
            assert "stopped answering" not in browser.text

        return walk

    on_cluster(tmp_path, steps)
