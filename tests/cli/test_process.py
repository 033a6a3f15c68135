"""What only a process of its own can show: signals, closed pipes, encodings."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from functools import partial
from pathlib import Path

import pytest

from meshscope.errors import ExitCode

from .running import child

GET = ("get", "routes", "--from", "small")


def test_an_interrupt_ends_with_130_and_no_traceback() -> None:
    process = child("get", "routes", "--from", "-", stdin=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write("{")  # the rest never comes
    process.stdin.flush()
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(1.0)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err.strip()) == (ExitCode.INTERRUPTED, "", "")


@pytest.mark.parametrize("output", ["table", "json"])
def test_a_reader_that_goes_away_ends_the_answer_quietly(tmp_path: Path, output: str) -> None:
    chains = [{"name": f"chain-{i}", "filters": []} for i in range(20_000)]  # far more than a pipe holds
    dump = tmp_path / "envoy.json"
    dump.write_text(json.dumps({"static_resources": {"listeners": [{"name": "l", "filter_chains": chains}]}}))
    process = child("get", "filterchains", "--from", str(dump), "-o", output)
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr is not None
    assert (process.wait(20), process.stderr.read()) == (ExitCode.FINE, "")
    process.stderr.close()


def test_an_encoding_that_lacks_a_name_shows_it_escaped_and_json_stays_exact(tmp_path: Path) -> None:
    dump = tmp_path / "envoy.json"
    dump.write_text(json.dumps({"static_resources": {"clusters": [{"name": "café-路由-🦄", "type": "STATIC"}]}}))
    env = {"PYTHONIOENCODING": "ascii"}
    process = child("get", "clusters", "--from", str(dump), env=env)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")
    assert r"caf\xe9-\u8def\u7531-\U0001f984" in out
    process = child("get", "clusters", "--from", str(dump), "-o", "json", env=env)
    out, _ = process.communicate(timeout=20)
    assert [row["name"] for row in json.loads(out)["items"]] == ["café-路由-🦄"]


def test_a_closed_stdout_is_told_in_one_line() -> None:
    process = child(*GET, stdout=None, preexec_fn=partial(os.close, 1))
    _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (
        ExitCode.USAGE,
        "meshscope: stdout is closed, so the answer cannot be written\n",
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a full device exists on Linux only")
def test_a_full_disk_is_told_in_one_line() -> None:
    with Path("/dev/full").open("w") as full:
        process = child(*GET, stdout=full)
        _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (
        ExitCode.USAGE,
        "meshscope: the answer cannot be written: No space left on device\n",
    )


def test_stdin_is_a_source() -> None:
    process = child("get", "clusters", "-o", "name", "--from", "-", stdin=subprocess.PIPE)
    out, err = process.communicate('{"static_resources": {"clusters": [{"name": "one"}]}}', timeout=20)
    assert (process.returncode, out, err) == (0, "cluster/one\n", "")
