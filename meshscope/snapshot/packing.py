"""Files -> a directory, a .tar.gz or a .zip, atomically: a temporary neighbour is filled, then renamed.

Equal files in equal order give equal bytes: times, owners and modes are fixed. Files are written one after another, and each is
held no longer than that takes.
"""

from __future__ import annotations

import gzip
import os
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import IO

from meshscope.errors import UsageError

_Files = Iterable[tuple[str, bytes]]


def pack(files: _Files, out: Path, *, replaces: bool = False) -> None:
    """Writes `files`, path and bytes each, to `out`; its name says in which form.

    An archive is replaced, a directory only with `replaces`. Raises UsageError; then nothing of it is left behind.
    """
    refuse(out, replaces=replaces)
    name = out.name.lower()
    try:
        if name.endswith((".tar.gz", ".tgz")):
            _atomically(out, partial(_tar_gz, files))
        elif name.endswith(".zip"):
            _atomically(out, partial(_zip, files))
        else:
            _directory(files, out)
    except OSError as error:
        raise UsageError(f"cannot write {out}: {error.strerror or error}") from None


def write_file(pieces: Iterable[bytes], out: Path, *, replaces: bool = False) -> None:
    """Writes one file from its pieces. Raises UsageError; then nothing of it is left behind."""
    refuse_file(out, replaces=replaces)
    try:
        _atomically(out, lambda file: file.writelines(pieces))
    except OSError as error:
        raise UsageError(f"cannot write {out}: {error.strerror or error}") from None


def _atomically(out: Path, write: Callable[[IO[bytes]], None]) -> None:
    with tempfile.NamedTemporaryFile(dir=out.parent, prefix=f".{out.name[:40]}.", delete=False) as temporary:
        try:
            write(temporary.file)
            temporary.close()
            Path(temporary.name).replace(out)
        except BaseException:
            Path(temporary.name).unlink(missing_ok=True)
            raise


def refuse(out: Path, *, replaces: bool = False) -> None:
    """Raises UsageError if `pack` could not write: asked before anything is collected."""
    _refuse_folder(out)
    if out.name.lower().endswith((".tar.gz", ".tgz", ".zip")) and not out.is_dir():
        return
    is_taken = out.is_symlink() or (out.exists() and (not out.is_dir() or any(out.iterdir())))
    if is_taken and (not replaces or not out.is_dir() or out.is_symlink()):
        raise UsageError(
            f"cannot write {out}: it exists already; name a new directory, or an archive (.tar.gz, .zip),"
            " or --resume that recording"
        )


def refuse_file(out: Path, *, replaces: bool = False) -> None:
    """Raises UsageError if `write_file` could not write. A file is replaced only with `replaces`, nothing else ever."""
    _refuse_folder(out)
    if out.exists() and not out.is_file():
        raise UsageError(f"cannot write {out}: it is no file")
    if (out.exists() or out.is_symlink()) and not replaces:
        raise UsageError(f"cannot write {out}: it exists already; name a new file, or --force replaces it")


def _refuse_folder(out: Path) -> None:
    if not out.parent.is_dir():
        raise UsageError(f"cannot write {out}: no directory {out.parent}")
    if not os.access(out.parent, os.W_OK):
        raise UsageError(f"cannot write {out}: no permission to write in {out.parent}")


def _directory(files: _Files, out: Path) -> None:
    temporary = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name[:40]}."))
    try:
        for path, body in files:
            place = temporary / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.touch(mode=0o600)
            place.write_bytes(body)
        _put(temporary, out)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def _put(filled: Path, out: Path) -> None:
    """Puts the filled directory in its place; an old one is removed after that."""
    if not out.exists():
        filled.rename(out)
        return
    before = filled.with_name(filled.name + ".before")
    out.rename(before)
    try:
        filled.rename(out)
    except BaseException:
        before.rename(out)
        raise
    shutil.rmtree(before, ignore_errors=True)


def _tar_gz(files: _Files, file: IO[bytes]) -> None:
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=file, compresslevel=6, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for path, body in files:
            member = tarfile.TarInfo(path)  # time, user and group are 0, mode is 0644
            member.size = len(body)
            archive.addfile(member, BytesIO(body))


def _zip(files: _Files, file: IO[bytes]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, body in files:
            member = zipfile.ZipInfo(path, date_time=(1980, 1, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system, member.external_attr = 3, 0o100644 << 16
            archive.writestr(member, body)
