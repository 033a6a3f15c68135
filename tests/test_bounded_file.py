from __future__ import annotations

import os
from pathlib import Path

import pytest

from meshscope.bounded_file import bounded_bytes


def test_a_file_is_read_up_to_its_bound(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"12345678")
    assert bounded_bytes(tmp_path / "f", 8) == b"12345678"
    with pytest.raises(OSError, match="longer than 7 bytes"):
        bounded_bytes(tmp_path / "f", 7)


def test_what_does_not_end_or_begin_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, why in (("/dev/zero", "longer than"), (tmp_path / "pipe", "not a file"), (tmp_path, "irectory")):
        with pytest.raises(OSError, match=why):
            bounded_bytes(Path(path), 1000)
    assert bounded_bytes(Path(os.devnull), 1000) == b""


def test_a_file_that_only_looks_long_is_not_read_whole(tmp_path: Path) -> None:
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(OSError, match="longer than 1,000 bytes"):
        bounded_bytes(tmp_path / "sparse", 1000)
