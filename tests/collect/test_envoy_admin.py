"""An Envoy as a source: a real one, and ones on bad days."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from meshscope import Mesh, Request, open_snapshot, trace
from meshscope.collect.envoy_admin import DUMP, PARTS
from meshscope.collect.live import Live
from meshscope.envoy.resource import CLUSTER, ERROR, LISTENER
from meshscope.errors import UnreachableError, UsageError
from meshscope.snapshot import cleaning
from meshscope.snapshot.recording import write_recording
from meshscope.snapshot.snapshot import ProxyId
from meshscope.work import Work

from ..oracle.messages import Json, entry, manager
from ..oracle.real_envoy import RealEnvoy, RefusedError, is_installed
from .replayed import envoy
from .server import Reply, Server, answer, endless, lying, resetting, silent

LIVE = Live(timeout=1.0, deadline=3.0)
real = pytest.mark.skipif(not is_installed(), reason="no Envoy for this platform")
TYPED = b"Failed to convert protobuf message to JSON string: INVALID_ARGUMENT: could not find @type 'x'"


def direct_listener(port: int) -> Json:
    route = {"match": {"prefix": "/"}, "direct_response": {"status": 200}}
    table = {"name": "table", "virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [route]}]}
    plain = {"use_original_dst": False, "listener_filters": []}
    return entry(port, filter_chains=[{"filters": [manager(table)]}]) | plain


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealEnvoy]:
    with RealEnvoy(tmp_path_factory.mktemp("envoy")) as one:
        yield one


@real
def test_a_running_envoy_is_traced_and_its_recording_gives_the_same_answer(running: RealEnvoy, tmp_path: Path) -> None:
    running.serve([direct_listener(running.port)])
    live = open_snapshot(running.admin)
    write_recording(live, tmp_path / "out.tar.gz")
    kinds = {one.kind for one in live.captured}
    assert kinds == {
        "config_dump", "clusters", "listeners", "server_info", "certs", "stats", "init_dump", "memory", "runtime",
    }  # fmt: skip
    request = Request(dest="http://example.com/", to=f"127.0.0.1:{running.port}")
    answers = [trace(Mesh(snapshot), request) for snapshot in (live, open_snapshot(str(tmp_path / "out.tar.gz")))]
    assert [one.paths[0].disposition for one in answers] == ["direct_response"] * 2
    assert answers[0].paths[0].hops[0].proxy == running.admin.removeprefix("http://")
    assert [hop.listener for hop in answers[0].paths[0].hops] == [hop.listener for hop in answers[1].paths[0].hops]


@real
def test_a_refused_update_is_seen_with_envoys_reason(running: RealEnvoy) -> None:
    broken = direct_listener(running.port)
    broken["filter_chains"][0]["filters"].insert(0, {"name": "nobody.has.this"})
    with pytest.raises(RefusedError):
        running.serve([broken])
    (proxy,) = Mesh(open_snapshot(running.admin)).proxies
    refused = [one for one in proxy.resources(LISTENER, in_effect=False) if one.state == ERROR]
    assert refused
    assert all(one.error and "nobody.has.this" in one.error.details for one in refused)


@real
def test_listeners_that_warm_or_drain_are_told_and_take_no_request(tmp_path: Path) -> None:
    never = {"api_config_source": {"api_type": "GRPC", "transport_api_version": "V3",
                                   "grpc_services": [{"envoy_grpc": {"cluster_name": "a"}}]},
             "initial_fetch_timeout": "0s", "resource_api_version": "V3"}  # fmt: skip
    with RealEnvoy(tmp_path, drain_seconds=600) as one:
        old = direct_listener(one.port)
        one.serve([old])
        with socket.create_connection(("127.0.0.1", one.port)):  # what is drained still has somebody to serve
            new = direct_listener(one.port) | {"name": "new"}
            manager_of(new)["rds"] = {"route_config_name": "never", "config_source": never}
            del manager_of(new)["route_config"]
            one.put_listeners([new])
            states = seen(one, lambda found: {"warming", "draining"} <= set(found))
        assert states == {"warming": "new", "draining": "entry"}
        mesh = Mesh(open_snapshot(one.admin))
    found = trace(mesh, Request(dest="http://a/", to=f"127.0.0.1:{one.port}"))
    assert found.paths[0].disposition == "no_listener"


@real
def test_a_huge_configuration_comes_whole(running: RealEnvoy) -> None:
    static = {"type": "STATIC", "connect_timeout": "1s"}
    names = [f"outbound|80||service-{number}.namespace.svc.cluster.local" for number in range(2000)]
    running.serve([direct_listener(running.port)], [{"name": name, **static} for name in names])
    (proxy,) = Mesh(open_snapshot(running.admin)).proxies
    assert proxy.account.captured[0].document.body.count(b"\n") > 2000
    assert {one.name for one in proxy.resources(CLUSTER)} >= set(names)


def manager_of(listener: Json) -> Json:
    config: Json = listener["filter_chains"][0]["filters"][0]["typed_config"]
    return config


def seen(envoy: RealEnvoy, enough: Callable[[dict[str, str]], bool]) -> dict[str, str]:
    """The listeners by their states, as soon as there are enough of them."""
    ends = time.monotonic() + 20
    while time.monotonic() < ends:
        (proxy,) = Mesh(open_snapshot(envoy.admin)).proxies
        found = {one.state: one.name for one in proxy.resources(LISTENER, in_effect=False)}
        if enough(found):
            break
        time.sleep(0.05)
    return found


def test_istios_node_names_the_proxy_and_else_the_address_does() -> None:
    with Server(envoy("reviews-v1-abc")) as server:
        owners = {one.owner for one in open_snapshot(f"east={server.url}", live=LIVE).captured}
    assert owners == {ProxyId("east", "default", "reviews-v1-abc")}
    with Server(lambda path: answer(b"{}") if path == "/server_info" else envoy("x")(path)) as server:
        owners = {one.owner for one in open_snapshot(server.url, live=LIVE).captured}
    assert owners == {ProxyId("", "", server.url.removeprefix("http://"))}


@pytest.mark.parametrize("instead", [answer(TYPED), answer(b"out of memory", 503), lying(b'{"configs": [', 10_000)])
def test_a_dump_that_envoy_cannot_write_is_taken_part_by_part(instead: Reply) -> None:
    clusters = json.dumps({"configs": [{
        "@type": "type.googleapis.com/envoy.admin.v3.ClustersConfigDump.DynamicCluster",
        "cluster": {"@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster", "name": "a"}}]})  # fmt: skip

    def replies(path: str) -> Reply:
        if path == DUMP:
            return instead
        if path.endswith("dynamic_active_clusters"):
            return answer(clusters.encode())
        if path.endswith("dynamic_route_configs"):
            return answer(TYPED)
        return answer(b"{}") if path in PARTS else envoy("a-1")(path)

    with Server(replies) as server:
        mesh = Mesh(open_snapshot(server.url, live=LIVE))
    (proxy,) = mesh.proxies
    assert [one.name for one in proxy.resources(CLUSTER)] == ["a"]
    assert not proxy.knows_all(CLUSTER)
    assert not proxy.has_evidence("route_config")
    lost = {problem.document.removeprefix(server.url): problem.message for problem in mesh.problems}
    assert set(lost) == {DUMP, "/config_dump?resource=dynamic_route_configs"}
    assert lost["/config_dump?resource=dynamic_route_configs"] == TYPED.decode()


@pytest.mark.parametrize("instead", [silent(), resetting(), endless, lying(b"{", 9)])
def test_a_document_that_does_not_come_costs_itself_alone(instead: Reply) -> None:
    with Server(lambda path: instead if path == "/certs" else envoy("a-1")(path)) as server:
        snapshot = open_snapshot(server.url, live=LIVE)
    assert {one.kind for one in snapshot.captured if not one.document.failure} == {"server_info", "config_dump"}
    assert [one.kind for one in snapshot.captured if one.document.failure] == ["certs"]


def test_a_dump_of_which_every_part_came_is_whole_and_one_that_lacks_some_is_asked_for_again(tmp_path: Path) -> None:
    section = {"@type": "type.googleapis.com/envoy.admin.v3.ClustersConfigDump.StaticCluster", "cluster": {"name": "a"}}
    part = answer(json.dumps({"configs": [section]}).encode())

    def replies(path: str, *, lost: str = "") -> Reply:
        if path == DUMP or (lost and path.endswith(lost)):
            return answer(TYPED)
        if path.endswith("static_clusters"):
            return part
        return answer(b"{}") if path in PARTS else envoy("a-1")(path)

    with Server(replies) as server:
        (proxy,) = Mesh(open_snapshot(server.url, live=LIVE)).proxies
        assert proxy.knows_all(CLUSTER)
    with Server(partial(replies, lost="dynamic_active_clusters")) as server:
        write_recording(open_snapshot(server.url, live=LIVE), tmp_path / "out")
        earlier = open_snapshot(str(tmp_path / "out"))
        (proxy,) = Mesh(earlier).proxies
        assert not proxy.knows_all(CLUSTER)
        server.asked.clear()
        (proxy,) = Mesh(open_snapshot(server.url, live=LIVE, earlier=earlier)).proxies
        assert not proxy.knows_all(CLUSTER)
        assert DUMP in [one.path for one in server.asked]
        assert "/certs" not in [one.path for one in server.asked]


def test_who_hangs_over_his_dump_is_not_asked_for_its_parts() -> None:
    with Server(lambda path: silent() if path == DUMP else envoy("a-1")(path)) as server:
        snapshot = open_snapshot(server.url, live=LIVE)
    assert [one.document.failure for one in snapshot.captured if one.kind == "config_dump"] == ["silent for 1 s"]
    assert not {one.path for one in server.asked} & set(PARTS)


def test_what_nobody_answers_is_unreachable_and_says_what_to_do() -> None:
    with Server(lambda _path: resetting()) as server, pytest.raises(UnreachableError, match="no valid HTTP response"):
        open_snapshot(server.url, live=LIVE)
    with pytest.raises(UnreachableError, match=r"connection refused; `kubectl port-forward"):
        open_snapshot(server.url, live=LIVE)


@pytest.mark.parametrize(
    ("page", "why"),
    [
        (answer(b"<html>hello</html>"), r"no Envoy's admin: /server_info is answered with '<html>hello</html>'$"),
        (answer(b"x", 101, upgrade="x"), "it switches to another protocol"),
        (answer(b"no gzip", content_encoding="gzip"), "the gzip data is damaged$"),
    ],
)
def test_a_server_that_is_no_envoy_is_told_so_without_advice_about_its_port(page: Reply, why: str) -> None:
    with Server(lambda _path: page) as server, pytest.raises(UnreachableError, match=why):
        open_snapshot(server.url, live=LIVE)


@pytest.mark.parametrize(
    "source", ["http://", "http://h:1/path", "http://h:1?a", "http://user@h:1", "istiod+http://:1"]
)
def test_an_address_that_is_none_is_refused_before_anybody_is_asked(source: str) -> None:
    with pytest.raises(UsageError, match="not an address"):
        open_snapshot(source)


def test_a_ztunnel_is_known_by_what_it_has_not() -> None:
    dump = b'{"workloads": [], "services": [], "policies": []}'
    with Server(lambda path: answer(dump) if path == "/config_dump" else answer(b"", 404)) as server:
        snapshot = open_snapshot(server.url, live=LIVE)
    assert [one.kind for one in snapshot.captured] == ["ztunnel"]


def test_a_cancelled_run_keeps_what_came() -> None:
    came: list[str] = []

    def replies(path: str) -> Reply:
        came.append(path)
        return envoy("a-1")(path) if path in ("/server_info", "/certs") else silent(5)

    with Server(replies) as server:
        snapshot = open_snapshot(server.url, live=Live(), work=Work(cancelled=lambda: len(came) >= 8))
    assert {one.kind for one in snapshot.captured if not one.document.failure} >= {"server_info"}
    assert [problem.message[:9] for problem in snapshot.problems] == ["cancelled"]


def test_what_an_earlier_run_has_is_not_asked_for_again(tmp_path: Path) -> None:
    with Server(lambda path: resetting() if path == "/certs" else envoy("a-1")(path)) as server:
        write_recording(open_snapshot(server.url, live=LIVE), tmp_path / "out")
    with Server(envoy("a-1")) as server:
        again = open_snapshot(server.url, live=LIVE, earlier=open_snapshot(str(tmp_path / "out")))
    assert "/config_dump?include_eds" not in [one.path for one in server.asked]
    assert not any(one.document.failure for one in again.captured)
    assert {one.kind for one in again.captured} == {"server_info", "config_dump", "certs"}


def test_a_server_whose_first_answer_does_not_end_is_asked_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleaning, "MOST_BYTES", 1000)
    with (
        Server(lambda _: answer(b"{" * 5000)) as server,
        pytest.raises(UnreachableError, match="larger than 1,000 bytes"),
    ):
        open_snapshot(server.url, live=LIVE)
    assert [one.path for one in server.asked] == ["/server_info"]
