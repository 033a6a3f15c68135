"""`kubectl meshscope` is meshscope: kubectl finds it by its name and runs it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from .running import DATA, ROOT

SCRIPTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
GET = ("get", "routes", "--from", "small", "--proxy", "productpage", "-o", "json")


def ran(name: str, folder: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """The entry point as an installer writes it, under its name."""
    module, _, function = SCRIPTS[name].partition(":")
    script = folder / name
    script.write_text(f"#!{sys.executable}\nimport sys\nfrom {module} import {function}\nsys.exit({function}())\n")
    script.chmod(0o755)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **env}
    return subprocess.run([script, *words], capture_output=True, text=True, cwd=DATA, env=environment, check=False)


def test_it_answers_as_meshscope_does(tmp_path: Path) -> None:
    plugin, own = ran("kubectl-meshscope", tmp_path, *GET), ran("meshscope", tmp_path, *GET)
    assert (plugin.returncode, plugin.stdout) == (0, own.stdout)


@pytest.mark.parametrize(("name", "called"), [("kubectl-meshscope", "kubectl meshscope"), ("meshscope", "meshscope")])
def test_its_help_and_its_errors_say_what_was_typed(tmp_path: Path, name: str, called: str) -> None:
    assert ran(name, tmp_path, "trace", "--help").stdout.startswith(f"Usage: {called} trace ")
    assert ran(name, tmp_path, "get", "routes", "--prox").stderr.endswith(f"({called} get --help)\n")


@pytest.mark.parametrize("name", ["kubectl-meshscope", "meshscope"])
def test_completion_works_under_both_names(tmp_path: Path, name: str) -> None:
    asked = {"_MESHSCOPE_COMPLETE": "bash_complete", "COMP_LINE": "meshscope get rou"}
    assert ran(name, tmp_path, **asked).stdout.splitlines() == ["plain,routes"]


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="there is no kubectl here")
def test_kubectl_finds_it(tmp_path: Path) -> None:
    ran("kubectl-meshscope", tmp_path, "--version")
    path = os.pathsep.join((str(tmp_path), os.environ["PATH"]))
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": path}
    command = ["kubectl", "meshscope", *GET]
    given = subprocess.run(command, capture_output=True, text=True, cwd=DATA, env=environment, check=False)
    assert (given.returncode, given.stdout) == (0, ran("meshscope", tmp_path, *GET).stdout)


def test_kubectl_is_told_what_may_follow_and_that_no_file_does(tmp_path: Path) -> None:
    asked = ran("kubectl_complete-meshscope", tmp_path, "describe", "vs/re", MESHSCOPE_FROM="small")
    assert asked.stdout.split("\n") == ["vs/reviews.default", ":4", ""]
    assert ran("kubectl_complete-meshscope", tmp_path, "tra").stdout.split("\n") == ["trace", ":4", ""]
    assert ran("kubectl_complete-meshscope", tmp_path, "").stdout.startswith("ui\n")
