"""The config file from the command line: the verb that prints it, and what plain verbs make of it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from meshscope.errors import ExitCode

from .running import Answer

Run = Callable[..., Answer]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where it is looked for."""
    (tmp_path / "config/meshscope").mkdir(parents=True)
    return tmp_path / "config/meshscope/config.toml"


def test_the_sample_is_a_config_file_and_the_path_is_where_it_is_looked_for(meshscope: Run, file: Path) -> None:
    assert meshscope("config", "--path") == (0, f"{file}\n", "")
    given = meshscope("config")
    assert given.code == 0
    assert tomllib.loads(given.out) == {"keys": {}, "columns": {}}
    file.write_text(given.out)
    assert meshscope("get", "services").error_line.startswith("reading the bundled Bookinfo recording")


def test_its_sources_are_read_before_those_of_the_older_file(
    meshscope: Run, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = meshscope("get", "services", "--from", "small/manifests").out
    file.with_suffix(".yaml").write_text("from: nowhere")
    for text in ("from = 'small/manifests'", "from = ['small/manifests']"):
        file.write_text(text)
        assert meshscope("get", "services") == (0, expected, "")
    file.write_text("them = 'nord'")
    given = meshscope("get", "services")
    assert (given.code, given.out) == (ExitCode.USAGE, "")
    assert given.error_line == f"meshscope: {file}: no setting `them`; did you mean theme?"
    assert meshscope("get", "services", "--from", "small/manifests").code == 0, "it is read only where it is wanted"
    monkeypatch.setenv("MESHSCOPE_FROM", "small/manifests")
    assert meshscope("get", "services").code == 0


def test_a_folder_that_cannot_be_searched_has_no_config_file(meshscope: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "/" + "x" * 300)
    assert meshscope("get", "services").error_line.startswith("reading the bundled Bookinfo recording")
