"""What a run loads is a budget: these sets change only on purpose."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from .running import DATA, ROOT

DUMP = "small/proxies/default/productpage-v1-12eae82901-8b536/config_dump.json"
BOOKINFO = str(ROOT / "recordings" / "bookinfo")
HEAVY = frozenset({
    "textual", "httpx", "rich.console", "rich.table", "pygments", "cryptography", "yaml",
    "asyncio", "ssl", "http", "email", "unittest", "sqlite3", "multiprocessing", "concurrent",
})  # fmt: skip
"""Neither is loaded where nobody asked for what needs it."""

SHOWN = """
import io, json, sys
before = set(sys.modules)
{code}
loaded = sorted(set(sys.modules) - before)
sys.__stdout__.write(json.dumps(loaded))
"""
TERMINAL = """
class Terminal(io.StringIO):
    def isatty(self): return True
io.StringIO = Terminal
"""
RUN = """
sys.stdout = io.StringIO()
from meshscope.cli.app import run
assert run({words!r}) == 0
"""


def loaded(code: str) -> list[str]:
    """The modules that a piece of code loads in a fresh interpreter."""
    child = subprocess.run(
        [sys.executable, "-c", SHOWN.format(code=code)],
        cwd=DATA,
        env={"PYTHONPATH": str(ROOT), "HOME": "/nonexistent", "TERM": "xterm"},
        capture_output=True,
        text=True,
        check=True,
    )
    modules: list[str] = json.loads(child.stdout)
    return modules


def others(modules: list[str]) -> set[str]:
    """The top-level modules that are not Python's own."""
    return {name.partition(".")[0] for name in modules} - sys.stdlib_module_names


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import meshscope", {"meshscope"}),
        ("import meshscope.cli", {"meshscope"}),
        (RUN.format(words=["--help"]), {"meshscope", "click"}),
        (RUN.format(words=["--version"]), {"meshscope", "click"}),
        (
            RUN.format(words=["get", "routes", "--from", DUMP]),
            {"meshscope", "click", "msgspec", "typing_extensions"},
        ),
        (
            RUN.format(words=["get", "endpoints", "-o", "json", "--from", DUMP]),
            {"meshscope", "click", "msgspec", "typing_extensions"},
        ),
        (
            RUN.format(words=["trace", "productpage", "http://reviews:9080/", "--from", BOOKINFO, "-o", "json"]),
            {"meshscope", "click", "msgspec", "typing_extensions", "yaml", "_cython_3_3_1", "cython_runtime"},
        ),
    ],
    ids=["import", "import cli", "help", "version", "get routes", "get -o json", "trace"],
)
def test_a_run_loads_what_it_uses(code: str, expected: set[str]) -> None:
    modules = loaded(code)
    assert others(modules) <= expected
    assert "meshscope" in others(modules)
    assert not (HEAVY - expected) & set(modules)


def test_help_does_not_load_the_mesh() -> None:
    modules = loaded(RUN.format(words=["--help"]))
    rooms = {name.split(".")[1] for name in modules if name.startswith("meshscope.")}
    assert rooms == {"cli", "errors", "render", "version"}


def test_yaml_is_loaded_for_yaml_and_cryptography_for_certificates_only() -> None:
    assert "yaml" in loaded(RUN.format(words=["get", "vs", "--from", "small/manifests"]))
    assert "cryptography" in loaded(RUN.format(words=["get", "secrets", "--from", DUMP]))
    assert "cryptography" not in loaded(RUN.format(words=["get", "clusters", "--from", "small"]))


def test_what_paints_and_draws_is_loaded_for_a_terminal_and_a_picture_only() -> None:
    pictured = set(loaded(RUN.format(words=["get", "clusters", "-o", "svg", "--from", DUMP])))
    assert "rich.console" in pictured
    assert not {"pygments", "rich.progress"} & pictured
    painted = TERMINAL + RUN
    assert "pygments" in loaded(painted.format(words=["get", "clusters", "-o", "json", "--from", DUMP]))
    assert not {"pygments", "rich"} & set(loaded(painted.format(words=["get", "clusters", "--from", DUMP])))
    traced = set(loaded(painted.format(words=["trace", "productpage", "reviews", "--from", BOOKINFO])))
    assert "meshscope.render.trace.painter" in traced
    assert not {"pygments", "rich", "textual", "httpx"} & traced


def test_a_verb_loads_no_other_verb() -> None:
    modules = loaded(RUN.format(words=["get", "clusters", "--from", DUMP]))
    assert "meshscope.cli.get" in modules
    assert not {"meshscope.cli.describe", "meshscope.cli.find", "meshscope.listing.describe"} & set(modules)


def test_a_recording_whose_manifest_names_the_kinds_is_traced_without_recognising_anything() -> None:
    words = ["trace", "productpage", "reviews", "--from", BOOKINFO]
    traced = set(loaded(RUN.format(words=words)))
    others = {"mesh.opening.recognise", "envoy.recognise", "envoy.fallback_reader", "istio.recognition.recognise"}
    unasked = {"collect.kubernetes", "listing", "render.machine", "envoy.counters", "nearest"}
    assert {f"meshscope.{name}" for name in others | unasked} & traced == set()
    assert "meshscope.mesh.opening.recognise" in loaded(RUN.format(words=["get", "routes", "--from", DUMP]))
