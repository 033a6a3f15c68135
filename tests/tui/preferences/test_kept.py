from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.tui.preferences.kept import MOST_BYTES, MOST_LINES, Kept


@given(st.lists(st.text(max_size=2000)))
def test_the_newest_printable_lines_are_kept(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    kept = Kept(tmp_path_factory.mktemp("state"))
    kept.keep_history(lines)
    assert kept.history() == [line for line in lines if line.strip() and line.isprintable() and len(line) <= 1000]


def test_they_are_bounded_in_number_and_size_and_private(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "new")
    kept.keep_history([str(number) for number in range(2 * MOST_LINES)])
    assert kept.history() == [str(number) for number in range(MOST_LINES, 2 * MOST_LINES)]
    kept.keep_history(["x" * 990 + str(number) for number in range(MOST_LINES)])
    assert kept.history()[-1].endswith(str(MOST_LINES - 1))
    (file,) = (tmp_path / "new").iterdir()
    assert file.stat().st_size <= MOST_BYTES
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", [b"\xff\xfe", b"a" * (MOST_BYTES + 1)])
def test_a_broken_file_is_none(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "history").write_bytes(text)
    assert Kept(tmp_path).history() == []
    Kept(tmp_path).keep_history(["routes"])
    assert Kept(tmp_path).history() == ["routes"]


@pytest.mark.parametrize("name", ["file", "x" * 300])
def test_where_nothing_can_be_written_there_is_neither_history_nor_a_first_start(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    kept = Kept(tmp_path / name)
    kept.keep_history(["routes"])
    assert kept.history() == []
    assert not kept.is_first_start()


def test_the_first_start_is_once(tmp_path: Path) -> None:
    assert Kept(tmp_path).is_first_start()
    assert not Kept(tmp_path).is_first_start()


def test_a_history_that_does_not_end_is_none(tmp_path: Path) -> None:
    (tmp_path / "history").symlink_to("/dev/zero")
    assert Kept(tmp_path).history() == []
    (tmp_path / "history").unlink()
    os.mkfifo(tmp_path / "history")
    assert Kept(tmp_path).history() == []
