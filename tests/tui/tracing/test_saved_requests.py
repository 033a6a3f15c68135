from __future__ import annotations

import os
from pathlib import Path

import pytest

from meshscope.errors import UsageError
from meshscope.simulation.journey.batch import answer
from meshscope.simulation.journey.simulator import Simulator
from meshscope.simulation.request import Request
from meshscope.simulation.trace import Trace
from meshscope.tui.tracing.request_line import request_of_line
from meshscope.tui.tracing.saved_requests import Saved, latest, rows, save, saved, state_file, why_broken

from ...mesh.meshes import recorded


def test_what_is_saved_is_read_again_and_by_the_command_line(tmp_path: Path) -> None:
    file = tmp_path / "below" / "requests.jsonl"
    request = request_of_line("productpage http://reviews:9080/ -H 'end-user: jason' --no-tls")
    save(file, "canary", request)
    save(file, "plain", Request(source="productpage", dest="reviews"))
    first, second = saved(file).requests
    assert (first.id, first.source, first.headers, first.tls) == (
        "canary",
        "productpage",
        (("end-user", "jason"),),
        False,
    )
    assert second == Request(id="plain", source="productpage", dest="reviews")
    simulator = Simulator(recorded("bookinfo"))
    for number, line in enumerate(file.read_bytes().splitlines(), 1):
        assert isinstance(answer(simulator, line, number), Trace)
    assert file.stat().st_mode & 0o077 == 0


def test_a_broken_file_is_said_and_nothing_of_it_is_lost(tmp_path: Path) -> None:
    file = tmp_path / "requests.jsonl"
    file.write_bytes(b'{"dest": "a", "sni": null}\nno json\n[1]\n{"dest": 5}\n\xff')
    found = saved(file)
    assert found.broken == (2, 3, 4, 5)
    assert why_broken(file, found.broken).endswith("line 2 and 3 more are no requests; they stay in the file")
    assert why_broken(file, ()) == ""
    before = file.read_bytes()
    save(file, "new", Request(dest="b"))
    assert file.read_bytes() == before + b'\n{"id":"new","dest":"b"}\n'


def test_no_file_is_none_and_what_is_no_file_is_said(tmp_path: Path) -> None:
    assert saved(tmp_path / "none") == Saved()
    with pytest.raises(UsageError, match="Is a directory"):
        saved(tmp_path)
    with pytest.raises(UsageError, match="Is a directory"):
        save(tmp_path, "a", Request(dest="b"))


def test_the_last_request_of_a_name_counts() -> None:
    old, other, new = (Request(id=name, dest=dest) for name, dest in (("a", "1"), ("b", "2"), ("a", "3")))
    assert latest((old, other, new)) == (new, other)
    assert [(row.title, row.line) for row in rows((new,))] == [("a", "3")]


def test_the_file_is_where_the_desktop_keeps_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert state_file() == tmp_path / "meshscope/requests.jsonl"
    monkeypatch.delenv("XDG_STATE_HOME")
    assert state_file() == Path.home() / ".local/state/meshscope/requests.jsonl"


def test_a_file_that_does_not_end_is_said(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for file, why in (("/dev/zero", "longer than"), (tmp_path / "pipe", "not a file")):
        with pytest.raises(UsageError, match=why):
            saved(Path(file))
