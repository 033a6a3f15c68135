from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest

from meshscope.errors import UsageError
from meshscope.location import Document, Location
from meshscope.tui.text.outside import EDITOR, PAGER, OwnFile, arguments, own_file, private_copy, program, shown_outside


def _document(path: Path, body: bytes) -> Location:
    return Location(Document.of(str(path), body), ("b",))


def test_a_plain_file_of_a_source_is_opened_itself_at_the_line(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_bytes(b"a: 1\nb: 2\n")
    there = _document(file, b"a: 1\nb: 2\n")
    assert own_file(there, [str(tmp_path)]) == OwnFile(file.resolve(), 2)
    assert own_file(there, [str(file)]) == OwnFile(file.resolve(), 2)


def test_what_is_outside_the_sources_or_has_changed_is_not_opened(tmp_path: Path) -> None:
    source, outside = tmp_path / "source", tmp_path / "secret.yaml"
    source.mkdir()
    outside.write_bytes(b"b: 2\n")
    (source / "link.yaml").symlink_to(outside)
    (source / "own.yaml").write_bytes(b"b: 3\n")
    for name in ("../secret.yaml", "link.yaml", "own.yaml", "none.yaml", "a\0b"):
        assert own_file(Location(Document.of(f"{source}/{name}", b"b: 2\n"), ("b",)), [str(source)]) is None, name
    assert own_file(None, [str(source)]) is None


def test_a_document_of_one_line_is_not_opened_at_its_only_line(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b'{"a": 1, "b": 2}')
    assert own_file(Location(Document.of(f"{tmp_path}/a.json", b'{"a": 1, "b": 2}'), ("b",)), [str(tmp_path)]) is None


def test_a_program_with_arguments_is_split_as_a_shell_does_and_run_by_none(tmp_path: Path) -> None:
    script = tmp_path / "my editor"
    script.write_text('#!/bin/sh\nprintf "%s\\n" "$@" > "$0.out"\n')
    script.chmod(0o700)
    environment = {EDITOR: f"'{script}' -w '; touch {tmp_path}/obeyed'"}
    file = tmp_path / "$(touch obeyed).yaml"
    assert shown_outside(EDITOR, file, 7, subprocess.call, environment) == ""
    assert Path(f"{script}.out").read_text().split("\n")[:-1] == ["-w", f"; touch {tmp_path}/obeyed", "+7", str(file)]
    assert not (tmp_path / "obeyed").exists()


def test_a_missing_program_and_an_open_quotation_mark_are_said() -> None:
    with pytest.raises(UsageError, match="there is no program no-such-pager; set \\$PAGER to one"):
        program(PAGER, {PAGER: "no-such-pager -R"})
    with pytest.raises(UsageError, match=r"\$EDITOR has a quotation mark that is not closed"):
        program(EDITOR, {EDITOR: "vi 'a"})


def test_a_program_that_fails_or_does_not_start_is_said(tmp_path: Path) -> None:
    assert shown_outside(PAGER, tmp_path, 1, subprocess.call, {PAGER: "false"}) == "false ended with 1"

    def refuse(_command: list[str]) -> int:
        raise PermissionError(13, "Permission denied")

    assert shown_outside(PAGER, tmp_path, 1, refuse, {PAGER: "true"}) == "PAGER did not start: Permission denied"


def test_editors_that_take_the_line_behind_the_name(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    assert arguments(["code", "-w"], file, 3) == ["code", "-w", "--goto", f"{file}:3"]
    assert arguments(["subl"], file, 3) == ["subl", f"{file}:3"]
    assert arguments(["less", "-R"], file, 3) == ["less", "-R", "+3", str(file)]


def test_a_copy_is_private_and_gone_afterwards() -> None:
    with private_copy(["{", '  "a": "\udc80"', "}"]) as file:
        assert file.name == "object.json"
        assert file.read_text(encoding="utf-8").splitlines() == ["{", '  "a": "?"', "}"]
        assert stat.S_IMODE(file.stat().st_mode) == 0o400
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
        assert file.stat().st_uid == os.getuid()
    assert not file.parent.exists()
