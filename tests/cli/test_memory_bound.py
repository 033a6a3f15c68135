"""What takes more memory than the bound ends in one line."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from meshscope.cli import memory_bound

RUN = "import sys; from meshscope.cli.memory_bound import bound_memory; bound_memory({most}); "


def answered(most: int, *words: str) -> tuple[int, str]:
    code = RUN.format(most=most) + f"from meshscope.cli.app import run; sys.exit(run({list(words)!r}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the limit does not count what is mapped")
def test_millions_of_tiny_objects_end_in_one_line(tmp_path: Path) -> None:
    dump = tmp_path / "dump.json"
    for count, code, said in ((1_000, 4, "can be read; "), (600_000, 4, "meshscope: out of memory: ")):
        dump.write_bytes(b'{"configs":[' + b",".join([b"{}"] * count) + b"]}")
        found, told = answered(120 << 20, "get", "all", "--from", str(dump))
        assert found == code
        assert said in told.splitlines()[-1]
        assert "Traceback" not in told


def test_the_bound_is_a_part_of_what_there_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "setrlimit", lambda _which, limits: told.append(limits))
    monkeypatch.setattr(resource, "getrlimit", lambda _which: (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    monkeypatch.setattr(memory_bound, "_CGROUP", tmp_path / "memory.max")
    memory_bound.bound_memory()
    for text in ("max\n", "4000000\n"):
        (tmp_path / "memory.max").write_text(text)
        memory_bound.bound_memory()
    assert told[0] == told[1]
    assert told[0][0] > 1 << 20
    assert told[2] == (3_000_000, resource.RLIM_INFINITY)
    monkeypatch.setattr(resource, "getrlimit", lambda _which: (1_000_000, 2_000_000))
    memory_bound.bound_memory()
    assert told[3] == (1_000_000, 2_000_000)
