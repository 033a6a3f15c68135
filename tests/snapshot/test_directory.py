"""A directory as a source: every text in it, nothing outside it, and nothing twice."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from meshscope.errors import CancelledError
from meshscope.snapshot import cleaning, directory
from meshscope.snapshot.directory import read_directory
from meshscope.snapshot.member import Listing
from meshscope.work import Work

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="links and pipes of POSIX")


def _write(top: Path, *paths: str) -> None:
    for path in paths:
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_text(path)


def _listing(top: Path) -> Listing:
    return read_directory(top, Work())


def _paths(found: Listing) -> list[str]:
    return [one.path for one in found.members]


def test_files_come_in_the_order_of_their_paths_part_by_part(tmp_path: Path) -> None:
    _write(tmp_path, "b.json", "a/z.json", "a-b/c.json", "a/b/c.json")
    assert _paths(_listing(tmp_path)) == ["a/b/c.json", "a/z.json", "a-b/c.json", "b.json"]


def test_a_name_is_the_users_path_joined_with_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write(tmp_path, "rec/a/b.json")
    monkeypatch.chdir(tmp_path)
    assert [one.name for one in _listing(Path("rec/")).members] == [str(Path("rec/a/b.json"))]
    assert [one.name for one in _listing(Path()).members] == [str(Path("rec/a/b.json"))]
    assert [one.name for one in _listing(tmp_path).members] == [str(tmp_path / "rec/a/b.json")]


def test_files_are_read_when_they_are_asked_for(tmp_path: Path) -> None:
    _write(tmp_path, "a.json")
    (one,) = _listing(tmp_path).members
    (tmp_path / "a.json").write_text("later")
    assert one.load() == b"later"
    (tmp_path / "a.json").unlink()
    with pytest.raises(OSError, match=r"^No such file or directory$"):
        one.load()


@POSIX
def test_links_that_lead_out_are_problems_and_are_not_followed(tmp_path: Path) -> None:
    _write(tmp_path, "outside/secret", "in/a.json")
    (tmp_path / "in/file").symlink_to(tmp_path / "outside/secret")
    (tmp_path / "in/folder").symlink_to(tmp_path / "outside")
    (tmp_path / "in/up").symlink_to("..")
    (tmp_path / "in/nowhere").symlink_to("missing")
    found = _listing(tmp_path / "in")
    assert _paths(found) == ["a.json"]
    assert [(Path(p.document).name, p.message) for p in found.problems] == [
        ("file", "a link that leads out of the directory: not followed"),
        ("folder", "a link that leads out of the directory: not followed"),
        ("nowhere", "a link that leads nowhere"),
        ("up", "a link that leads out of the directory: not followed"),
    ]


@POSIX
def test_links_inside_make_neither_cycles_nor_doubles(tmp_path: Path) -> None:
    _write(tmp_path, "a/b.json")
    (tmp_path / "a/again.json").symlink_to("b.json")
    (tmp_path / "a/self").symlink_to("self")
    (tmp_path / "a/top").symlink_to("..")
    found = _listing(tmp_path)
    assert _paths(found) == ["a/b.json"]
    assert [Path(problem.document).name for problem in found.problems] == ["self"]


@POSIX
def test_a_mounted_config_map_is_read_through_its_links_once(tmp_path: Path) -> None:
    _write(tmp_path, "..2026_08_01/mesh")
    (tmp_path / "..data").symlink_to("..2026_08_01")
    (tmp_path / "mesh").symlink_to("..data/mesh")
    (tmp_path / "mesh2").symlink_to("..data/mesh")
    found = _listing(tmp_path)
    assert (_paths(found), found.problems) == (["mesh"], ())
    assert found.members[0].load() == b"..2026_08_01/mesh"


@POSIX
def test_a_directory_that_is_itself_behind_a_link_is_read(tmp_path: Path) -> None:
    _write(tmp_path, "real/a.json")
    (tmp_path / "linked").symlink_to("real")
    assert [one.name for one in _listing(tmp_path / "linked").members] == [str(tmp_path / "linked/a.json")]


@POSIX
def test_pipes_and_sockets_are_problems_and_nobody_waits_for_them(tmp_path: Path) -> None:
    _write(tmp_path, "a.json")
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(tmp_path)
        try:
            server.bind("socket")
        finally:
            os.chdir(here)
    found = _listing(tmp_path)
    assert _paths(found) == ["a.json"]
    assert {Path(problem.document).name for problem in found.problems} == {"pipe", "socket"}


@POSIX
@pytest.mark.skipif(os.geteuid() == 0 if hasattr(os, "geteuid") else True, reason="root may read everything")
def test_what_may_not_be_read_is_a_problem(tmp_path: Path) -> None:
    _write(tmp_path, "a.json", "closed/b.json", "c.json")
    (tmp_path / "a.json").chmod(0)
    (tmp_path / "closed").chmod(0)
    found = _listing(tmp_path)
    (tmp_path / "closed").chmod(0o700)
    assert _paths(found) == ["c.json"]
    assert [problem.message for problem in found.problems] == ["Permission denied", "Permission denied"]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_name_that_is_no_text_can_still_be_shown(tmp_path: Path) -> None:
    with Path(os.fsdecode(os.fsencode(tmp_path) + b"/a\xff.json")).open("wb") as file:
        file.write(b"{}")
    (one,) = _listing(tmp_path).members
    assert one.path == "a\ufffd.json"
    assert one.load() == b"{}"


def test_hidden_files_and_folders_are_left_out(tmp_path: Path) -> None:
    _write(tmp_path, ".git/config", ".DS_Store", "a/.hidden/x", "a/b.json")
    assert _paths(_listing(tmp_path)) == ["a/b.json"]


def test_hundreds_of_levels_of_folders_are_walked_as_far_as_the_system_goes(tmp_path: Path) -> None:
    here = Path.cwd()
    os.chdir(tmp_path)
    try:
        for _ in range(650):
            Path("dddddd").mkdir()
            os.chdir("dddddd")
        Path("deep.json").write_text("{}")
    finally:
        os.chdir(here)
    found = _listing(tmp_path)
    assert found.members or found.problems
    os.chdir(tmp_path)
    try:
        while Path("dddddd").is_dir():
            os.chdir("dddddd")
        Path("deep.json").unlink()
        for _ in range(650):
            os.chdir("..")
            Path("dddddd").rmdir()
    finally:
        os.chdir(here)


def test_a_file_beyond_the_bound_is_refused_without_being_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write(tmp_path, "a-long-one.json", "b.json")
    monkeypatch.setattr(cleaning, "MOST_BYTES", 8)
    long, short = _listing(tmp_path).members
    assert (long.sniffed.is_text, "larger than 8 bytes" in long.sniffed.refused) == (False, True)
    assert short.sniffed.is_text
    with pytest.raises(OSError, match="larger"):
        long.load()


def test_more_files_than_the_bound_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write(tmp_path, *(f"{number}.json" for number in range(30)))
    monkeypatch.setattr(directory, "MOST_MEMBERS", 10)
    found = _listing(tmp_path)
    assert len(found.members) == 10
    assert [problem.message for problem in found.problems] == ["more than 10 files: the rest is not read"]


def test_progress_counts_files_and_a_cancel_token_stops(tmp_path: Path) -> None:
    _write(tmp_path, *(f"{number}.json" for number in range(5)))
    told: list[tuple[int, int]] = []
    read_directory(tmp_path, Work(lambda done, total: told.append((done, total))))
    assert told[-1] == (5, 5)
    with pytest.raises(CancelledError):
        read_directory(tmp_path, Work(cancelled=lambda: len(told) > 1))
