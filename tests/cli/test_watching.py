"""Watching shows an answer once, then only what is different in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from meshscope.cli import watching
from meshscope.cli.options.source import Source
from meshscope.collect.live import Live
from meshscope.collect.versions import versions
from meshscope.envoy.resource import CLUSTER
from meshscope.errors import ExitCode

from ..collect.replayed import istiod
from ..collect.server import Server, answer
from .running import Answer

Run = Callable[..., Answer]
TYPE = "type.googleapis.com/envoy."


def dump(*clusters: str) -> str:
    """A plain Envoy with a listener that leads to its first cluster."""
    route = {"match": {"prefix": "/"}, "route": {"cluster": clusters[0]}}
    manager = {
        "@type": TYPE + "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "route_config": {"name": "r", "virtual_hosts": [{"name": "v", "domains": ["*"], "routes": [route]}]},
        "http_filters": [
            {"name": "router", "typed_config": {"@type": TYPE + "extensions.filters.http.router.v3.Router"}}
        ],
    }
    listener = {"name": "l", "address": {"socket_address": {"address": "127.0.0.1", "port_value": 10000}},
                "filter_chains": [{"filters": [{"name": "h", "typed_config": manager}]}]}  # fmt: skip
    hosts = [
        {"lb_endpoints": [{"endpoint": {"address": {"socket_address": {"address": "10.0.0.1", "port_value": 80}}}}]}
    ]
    static = [
        {"name": name, "type": "STATIC", "load_assignment": {"cluster_name": name, "endpoints": hosts}}
        for name in clusters
    ]
    return json.dumps({"static_resources": {"listeners": [listener], "clusters": static}})


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """What happens between two looks, look by look; after the last one the user leaves."""

    def set_up(*steps: Callable[[], object]) -> None:
        waiting = list(steps)

        def sleep(_seconds: float) -> None:
            if not waiting:
                raise KeyboardInterrupt
            waiting.pop(0)()

        monkeypatch.setattr("meshscope.cli.watching.time.sleep", sleep)

    return set_up


def test_a_trace_is_shown_once_and_then_its_differences(meshscope: Run, tmp_path: Path, turns: Any) -> None:
    file = tmp_path / "envoy.json"
    file.write_text(dump("one"))
    turns(lambda: None, lambda: file.write_text(dump("one", "x")), lambda: file.write_text(dump("two")))
    given = meshscope("trace", "--from", str(file), "--to", "127.0.0.1:10000", "http://a/", "--watch")
    assert given.code == ExitCode.INTERRUPTED
    first, later = given.out.split("Z\n", 1)
    assert first.count("delivered") == 1
    changed = [line.strip() for line in later.splitlines()]
    assert [line[:2] for line in changed] == ["- ", "+ "]
    assert ["cluster one " in changed[0], "cluster two " in changed[1]] == [True, True]


def test_rows_that_come_and_go_are_marked(meshscope: Run, tmp_path: Path, turns: Any) -> None:
    file = tmp_path / "envoy.json"
    file.write_text(dump("one", "two"))
    turns(lambda: file.write_text(dump("one", "three")), lambda: None)
    given = meshscope("get", "clusters", "--from", str(file), "-w")
    lines = given.out.splitlines()
    assert [line.split()[0] for line in lines[:3]] == ["SERVICE", "one", "two"]
    assert [line.split()[:2] for line in lines[4:]] == [["-", "two"], ["+", "three"]]


def test_a_row_that_changed_shows_its_cells_before_and_now(meshscope: Run, tmp_path: Path, turns: Any) -> None:
    file = tmp_path / "envoy.json"
    file.write_text(dump("one", "two"))
    turns(lambda: file.write_text(dump("two", "one").replace("10.0.0.1", "10.0.0.2")), lambda: file.write_text(
        dump("one", "two").replace('"STATIC"', '"STRICT_DNS"', 1)))  # fmt: skip
    given = meshscope("get", "clusters", "--from", str(file), "-w")
    assert [line.split() for line in given.out.splitlines()[4:]] == [
        ["~", "one", "-", "-", "-", "STATIC", "→", "STRICT_DNS", "1"]
    ]


def test_a_file_that_is_being_written_is_waited_for(
    tmp_path: Path, turns: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "envoy.json"
    file.write_text(dump("one"))
    turns(lambda: file.write_text("{"), lambda: file.write_text(dump("two")))
    seen: list[str] = []
    found = (mesh.proxies[0].resources(CLUSTER)[0].name for mesh in watching.meshes(Source((str(file),))))
    with pytest.raises(KeyboardInterrupt):
        seen.extend(found)
    assert seen == ["one", "two"]
    assert "envoy.json" in capsys.readouterr().err


@pytest.mark.parametrize("is_changed", [True, False])
def test_a_source_that_is_back_is_told_once_with_the_time_since_when_it_was_gone(
    is_changed: bool, tmp_path: Path, turns: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    times = iter(f"12:00:0{second}Z" for second in range(9))
    monkeypatch.setattr(watching, "clock", lambda: next(times))
    file, away = tmp_path / "envoy.json", tmp_path / "away.json"
    file.write_text(dump("one"))
    changed = (lambda: file.write_text(dump("two"))) if is_changed else (lambda: None)
    turns(
        lambda: file.rename(away),
        lambda: None,
        lambda: away.rename(file) and changed(),
        lambda: None,
    )
    seen: list[object] = []
    with pytest.raises(KeyboardInterrupt):
        seen.extend(watching.meshes(Source((str(file),))))
    told = [line.split(" ", 1) for line in capsys.readouterr().err.splitlines()]
    assert len(seen) == 1 + is_changed
    assert [time for time, _ in told] == ["12:00:00Z", "12:00:02Z"]
    assert "no file or directory" in told[0][1]
    assert told[1][1] == "can be read again; it could not since 12:00:00Z"


def test_a_source_that_was_never_gone_is_not_back(
    tmp_path: Path, turns: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "envoy.json"
    file.write_text(dump("one"))
    turns(lambda: None, lambda: file.write_text(dump("two")))
    with pytest.raises(KeyboardInterrupt):
        list(watching.meshes(Source((str(file),))))
    assert capsys.readouterr().err == ""


def test_a_source_that_is_not_there_is_told_at_once(meshscope: Run) -> None:
    assert meshscope("get", "clusters", "--from", "http://127.0.0.1:1", "-w").code == ExitCode.UNREACHABLE


@pytest.mark.parametrize(
    "words", [("get", "clusters", "-w", "-o", "json"), ("trace", "a", "b", "--watch", "-o", "dot")]
)
def test_a_format_that_has_no_differences_is_refused(words: tuple[str, ...], meshscope: Run) -> None:
    assert meshscope(*words).code == ExitCode.USAGE


def test_an_istiod_has_changed_when_it_sent_something() -> None:
    sent = [b'[{"proxy": "a", "cluster_sent": "1"}]']
    with Server(lambda path: answer(sent[0]) if path == "/debug/syncz" else istiod()(path)) as server:
        source = f"istiod+{server.url}"
        first, again = versions([source], Live()), versions([source], Live())
        sent[0] = b'[{"proxy": "a", "cluster_sent": "2"}]'
        assert first == again != versions([source], Live())
    assert first is not None


def test_an_envoy_has_changed_when_a_version_or_a_host_did_and_not_when_it_counted() -> None:
    state = {"version": "1", "health": "HEALTHY", "count": "1"}

    def clusters() -> bytes:
        host = {"address": {"socket_address": {"address": "10.0.0.1", "port_value": 80}},
                "health_status": {"eds_health_status": state["health"]},
                "stats": [{"name": "rq_total", "value": state["count"]}]}  # fmt: skip
        return json.dumps({"cluster_statuses": [{"name": "a", "host_statuses": [host]}]}).encode()

    def replies(path: str) -> Any:
        version = json.dumps({"configs": [{"version_info": state["version"]}]}).encode()
        return answer(clusters() if path.startswith("/clusters") else version)

    with Server(replies) as server:
        seen = [versions([server.url], Live())]
        for change in ({"count": "2"}, {"health": "UNHEALTHY"}, {"version": "2"}):
            state.update(change)
            seen.append(versions([server.url], Live()))
    assert seen[0] == seen[1] != seen[2] != seen[3]
    assert None not in seen
    assert versions(["k8s:"], Live()) is None
