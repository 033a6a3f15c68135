from __future__ import annotations

import runpy
from collections.abc import Callable

import pytest

from meshscope.cli.app import VERBS

from .running import ROOT, Answer


def test_the_reference_of_commands_is_up_to_date() -> None:
    script = runpy.run_path(str(ROOT / "scripts/make_reference.py"))
    written = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
    assert written == script["reference"](), "run scripts/make_reference.py"


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_every_verb_has_help_with_examples_that_fits_80_columns(
    verb: str, option: str, meshscope: Callable[..., Answer]
) -> None:
    given = meshscope(verb, option)
    assert (given.code, given.err) == (0, "")
    assert given.out.startswith(f"Usage: meshscope {verb} ")
    assert f"  Examples:\n    {'meshscope' if verb != 'completion' else 'source <(meshscope'} {verb} " in given.out
    examples = [line for line in given.out.splitlines() if line.startswith("    meshscope ")]
    assert max(len(line) for line in given.out.splitlines() if line not in examples) <= 80


@pytest.mark.parametrize("words", [(), ("--help",), ("-h",)])
def test_the_program_alone_shows_its_verbs(words: tuple[str, ...], meshscope: Callable[..., Answer]) -> None:
    given = meshscope(*words)
    assert (given.code, given.err) == (0, "")
    assert all(f"\n  {verb} " in given.out for verb in VERBS)


def test_options_stand_under_titles(meshscope: Callable[..., Answer]) -> None:
    out = meshscope("get", "--help").out
    titles = [line for line in out.splitlines() if line.endswith(":") and not line.startswith(" ")]
    assert titles == ["Filters:", "Input:", "Live sources:", "Output:", "Options:"]


def test_the_version_is_one_line(meshscope: Callable[..., Answer]) -> None:
    given = meshscope("--version")
    assert given.code == 0
    assert given.out.startswith("meshscope ")
    assert given.out.count("\n") == 1


def test_the_examples_of_get_describe_find_and_pc_run(meshscope: Callable[..., Answer]) -> None:
    import shlex

    for verb in ("get", "describe", "find", "pc"):
        lines = [
            line.strip() for line in meshscope(verb, "--help").out.splitlines() if line.startswith("    meshscope ")
        ]
        assert lines
        for line in lines:
            words = shlex.split(line)[1:]
            if "--from" in words:
                words = words[: words.index("--from")]
            given = meshscope(*words, "--from", "small")
            assert given.code == 0, (line, given.err)
