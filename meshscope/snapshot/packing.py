"""Files -> a directory, a .tar.gz or a .zip, atomically: a temporary neighbour is filled, then renamed.

Equal files in equal order give equal bytes: times, owners and modes are fixed. Files are written one after another, and each is
held no longer than that takes.
"""

from __future__ import annotations

import gzip
import os
import shutil
import stat
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import IO

from meshscope.errors import UsageError
from meshscope.snapshot.exchange import put_directory

_Files = Iterable[tuple[str, bytes]]
_PRIVATE, _PRIVATE_FOLDER = 0o600, 0o700
"""Modes of all that is written, also inside an archive, where they count once it is unpacked."""


def pack(files: _Files, out: Path, *, goes: Callable[[str], bool] | None = None) -> None:
    """Writes `files`, path and bytes each, to `out`; its name says in which form.

    An archive is replaced, a directory only with `goes`, which says for the path of each of its files whether it goes; the
    others stay. Raises UsageError; then nothing of it is left behind.
    """
    refuse(out, replaces=goes is not None)
    name = out.name.lower()
    with _one_line(out):
        if name.endswith((".tar.gz", ".tgz")):
            _atomically(out, partial(_tar_gz, files))
        elif name.endswith(".zip"):
            _atomically(out, partial(_zip, files))
        else:
            _directory(files, out, goes)


def write_file(pieces: Iterable[bytes], out: Path, *, replaces: bool = False) -> None:
    """Writes one file from its pieces. Raises UsageError; then nothing of it is left behind."""
    refuse_file(out, replaces=replaces)
    with _one_line(out):
        _atomically(out, lambda file: file.writelines(pieces))


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
    with _one_line(out):
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
    with _one_line(out):
        _refuse_folder(out)
        if out.exists() and not out.is_file():
            raise UsageError(f"cannot write {out}: it is no file")
        if (out.exists() or out.is_symlink()) and not replaces:
            raise UsageError(f"cannot write {out}: it exists already; name a new file, or --force replaces it")


@contextmanager
def _one_line(out: Path) -> Iterator[None]:
    """What the operating system says of a path, such as a name that is too long, as UsageError."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"cannot write {out}: {error.strerror or error}") from None


def _refuse_folder(out: Path) -> None:
    if not out.parent.is_dir():
        raise UsageError(f"cannot write {out}: no directory {out.parent}")
    if not os.access(out.parent, os.W_OK):
        raise UsageError(f"cannot write {out}: no permission to write in {out.parent}")


def _directory(files: _Files, out: Path, goes: Callable[[str], bool] | None) -> None:
    temporary = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name[:40]}."))
    try:
        for path, body in files:
            for folder in _folders(path):
                (temporary / folder).mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
            place = temporary / path
            place.touch(mode=_PRIVATE)
            place.write_bytes(body)
        if goes is not None and out.is_dir():
            _keep(out, temporary, goes)
        put_directory(temporary, out)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def _keep(old: Path, new: Path, goes: Callable[[str], bool]) -> None:
    """What is in the old directory, hidden or not, and neither goes nor is written anew, is in the new one too."""
    for file in old.rglob("*"):
        path = file.relative_to(old).as_posix()
        if (file.is_symlink() or file.is_file()) and not goes(path) and not (new / path).exists():
            for folder in _folders(path):
                (new / folder).mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
            shutil.copy2(file, new / path, follow_symlinks=False)


def _folders(path: str) -> Iterator[str]:
    """The folders that a file lies in, from the top."""
    parts = path.split("/")[:-1]
    return ("/".join(parts[: depth + 1]) for depth in range(len(parts)))


def _tar_gz(files: _Files, file: IO[bytes]) -> None:
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=file, compresslevel=6, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        made: set[str] = set()
        for path, body in files:
            for folder in _folders(path):
                if folder not in made:
                    made.add(folder)
                    archive.addfile(_tar_member(folder, _PRIVATE_FOLDER, tarfile.DIRTYPE))
            member = _tar_member(path, _PRIVATE)
            member.size = len(body)
            archive.addfile(member, BytesIO(body))


def _tar_member(path: str, mode: int, kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    """Time, user and group are 0."""
    member = tarfile.TarInfo(path)
    member.mode, member.type = mode, kind
    return member


def _zip(files: _Files, file: IO[bytes]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        made: set[str] = set()
        for path, body in files:
            for folder in _folders(path):
                if folder not in made:
                    made.add(folder)
                    archive.writestr(_zip_member(f"{folder}/", stat.S_IFDIR | _PRIVATE_FOLDER), b"")
            archive.writestr(_zip_member(path, stat.S_IFREG | _PRIVATE), body)


def _zip_member(path: str, mode: int) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(path, date_time=(1980, 1, 1, 0, 0, 0))
    member.compress_type = zipfile.ZIP_DEFLATED
    member.create_system, member.external_attr = 3, mode << 16
    return member
