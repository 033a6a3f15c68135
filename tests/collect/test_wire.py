"""Nothing but GET leaves meshscope, and no GET that changes anything: by what the code can say, and by what went over the wire.

The Kubernetes part of the wire is tested beside its collector.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import meshscope
from meshscope import open_snapshot
from meshscope.collect import envoy_admin, istiod, versions
from meshscope.collect.live import Live

from ..recordings import BOOKINFO_V2
from .replayed import envoy
from .replayed import istiod as replayed_istiod
from .server import Server

ROOM = Path(meshscope.__file__).parent / "collect"
MUTATING = {"post", "put", "patch", "delete"}
CHANGES = re.compile(
    r"push=|clear=|force_disconnect|quitquitquit|healthcheck/(fail|ok)|/logging|drain_listeners|reset_counters|"
    r"runtime_modify|/cpuprofiler|/heapprofiler|/reopen_logs|/pprof|hot_restart|/contention"
)


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(ROOM.rglob("*.py")):
        yield path, ast.parse(path.read_text())


def test_the_code_has_no_call_that_could_change_anything() -> None:
    found = []
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in MUTATING:
                found.append(f"{path.name}:{node.lineno} .{node.attr}")
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.lower() in MUTATING:
                found.append(f"{path.name}:{node.lineno} {node.value!r}")
    assert found == []


def test_the_code_names_no_path_that_could_change_anything() -> None:
    texts = [
        node.value
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    assert not [text for text in texts if CHANGES.search(text)]


def test_every_path_of_the_lists_only_reads() -> None:
    paths = [envoy_admin.INFO, envoy_admin.DUMP, *envoy_admin.PARTS, *(path for path, _, _ in envoy_admin.BESIDE)]
    paths += [
        istiod.LIST,
        *(f"/debug/{name}" for name in istiod.ENDPOINTS),
        *(path for path, _ in istiod.PROXY_ENDPOINTS),
    ]
    paths += [*versions._ENVOY_PATHS, versions._CLUSTERS_PATH, versions._SYNC_PATH]
    assert not [path for path in paths if CHANGES.search(path)]
    assert CHANGES.search("/debug/adsz?push=true")
    assert CHANGES.search("/logging?level=debug")


def test_only_gets_went_over_the_wire() -> None:
    with Server(envoy("a-1")) as admin, Server(replayed_istiod()) as new, Server(replayed_istiod(BOOKINFO_V2)) as old:
        open_snapshot(admin.url, f"istiod+{new.url}", f"istiod+{old.url}", live=Live(timeout=5))
        versions.versions([admin.url, f"istiod+{new.url}"], Live())
    asked = [*admin.asked, *new.asked, *old.asked]
    assert len(asked) > 100
    assert {one.method for one in asked} == {"GET"}
    assert not [one.path for one in asked if CHANGES.search(one.path)]
    assert not any("content-length" in one.headers or "transfer-encoding" in one.headers for one in asked)
