"""`--redact`, `--anonymize` and `--keep`: what is let through, what is refused, and what the recording says of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from meshscope.errors import ExitCode, UsageError

from ..redaction.places import bootstrap, header_set
from .running import Answer

Run = Callable[..., Answer]

SECRET = "hunter2"  # noqa: S105  # what must not survive


@pytest.fixture
def dump(tmp_path: Path) -> str:
    tree = bootstrap(
        header_set("x-tenant-id")("blue") | {"acme": SECRET, "initial_metadata": [{"key": "x-a", "value": SECRET}]}
    )
    file = tmp_path / "envoy.json"
    file.write_text(json.dumps(tree))
    return str(file)


def recorded(folder: Path) -> str:
    return "".join(file.read_text() for file in folder.rglob("*") if file.is_file())


def test_a_redacted_recording_counts_what_was_replaced_and_keeps_what_is_asked_for(
    meshscope: Run, dump: str, tmp_path: Path
) -> None:
    assert meshscope("record", str(tmp_path / "all"), "--from", dump, "--redact").code == ExitCode.FINE
    assert (
        meshscope("record", str(tmp_path / "some"), "--from", dump, "--redact", "--keep", "x-tenant-*").code
        == ExitCode.FINE
    )
    every, some = recorded(tmp_path / "all"), recorded(tmp_path / "some")
    assert (SECRET in every, "blue" in every, SECRET in some, "blue" in some) == (False, False, False, True)
    counts = [json.loads((tmp_path / name / "meshscope.json").read_text())["replaced"] for name in ("all", "some")]
    assert counts[0]["header value"] == 2 * counts[1]["header value"] > 0
    assert counts[0]["unknown field"] == counts[1]["unknown field"] > 0


def test_what_is_not_redacted_has_no_count(meshscope: Run, dump: str, tmp_path: Path) -> None:
    assert meshscope("record", str(tmp_path / "out"), "--from", dump).code == ExitCode.FINE
    assert "replaced" not in json.loads((tmp_path / "out" / "meshscope.json").read_text())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--keep x", "--keep x lets something through --redact"),
        ("--keep x --anonymize", "--keep x lets something through --redact"),
        ("--keep x --every 1s", "--keep x lets something through --redact"),
        ("--keep x --redact --anonymize", "--keep x lets something through --redact"),
        ("--redact --keep *", "--keep '*' lets everything through"),
        ("--redact --keep ?*", "--keep '?*' lets everything through"),
        ("--redact --keep=", "--keep '' is the pattern of no name"),
        ("--keep 20", "--keep 20 is a number of recordings, which only --every makes"),
        ("--redact --keep 20", "--keep 20 is a number of recordings, which only --every makes"),
        ("--redact --keep " + "9" * 5000, "is a number of recordings"),
        ("--last 3", "--last 3 is a number of recordings, which only --every makes"),
        ("--every 1s --keep 0", "1 to 1,000,000 recordings can stay"),
        ("--every 1s --last 0", "1 to 1,000,000 recordings can stay"),
        ("--every 1s --last -1", "1 to 1,000,000 recordings can stay"),
        ("--every 1s --last x", "--last: 'x' is not a valid integer"),
        ("--every 1s --keep " + "9" * 5000, "1 to 1,000,000 recordings can stay"),
        ("--every 1s --keep 1 --keep 2", "1 and 2 recordings are to stay"),
        ("--every 1s --keep 1 --last 2", "1 and 2 recordings are to stay"),
    ],
)
def test_what_keeps_nothing_is_refused(words: str, said: str, meshscope: Run, dump: str, tmp_path: Path) -> None:
    given = meshscope("record", str(tmp_path / "out"), "--from", dump, *words.split(" "))
    assert given.code == UsageError.exit_code
    assert said in given.error_line
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("option", ["--redact", "--anonymize"])
def test_a_request_is_asked_in_stand_ins(option: str, meshscope: Run) -> None:
    page = meshscope("report", "-", "--from", "demo", option, "--trace", "productpage reviews -H 'end-user: jason'").out
    plain = meshscope("report", "-", "--from", "demo", "--trace", "productpage reviews -H 'end-user: jason'").out
    assert page.count("✓") == plain.count("✓") > 0


def test_a_report_refuses_it_too(meshscope: Run, dump: str) -> None:
    given = meshscope("report", "-", "--from", dump, "--keep", "x")
    assert (given.code, given.out) == (UsageError.exit_code, "")
    assert "--keep x lets something through --redact" in given.error_line
