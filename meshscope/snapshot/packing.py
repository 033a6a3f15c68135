"""Files -> a directory, a .tar.gz or a .zip, in one step: a temporary neighbour is filled, then renamed.

Equal files give equal bytes: members are sorted, and times, owners and modes are fixed.
"""

from __future__ import annotations

import gzip
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import IO

from meshscope.errors import UsageError

_Writer = Callable[[Mapping[str, bytes], IO[bytes]], None]


def pack(files: Mapping[str, bytes], out: Path) -> None:
    """Writes `files` (path -> bytes) to `out`; its name says in which form. An archive is replaced, a directory is not.

    Raises UsageError; then nothing of it is left behind.
    """
    ordered = dict(sorted(files.items()))
    name = out.name.lower()
    try:
        if name.endswith((".tar.gz", ".tgz")):
            _archive(ordered, out, _tar_gz)
        elif name.endswith(".zip"):
            _archive(ordered, out, _zip)
        else:
            _directory(ordered, out)
    except OSError as error:
        raise UsageError(f"cannot write {out}: {error.strerror or error}") from None


def _archive(files: Mapping[str, bytes], out: Path, written: _Writer) -> None:
    with tempfile.NamedTemporaryFile(dir=out.parent, prefix=f".{out.name[:40]}.", delete=False) as temporary:
        try:
            written(files, temporary.file)
            temporary.close()
            Path(temporary.name).replace(out)
        except BaseException:
            Path(temporary.name).unlink(missing_ok=True)
            raise


def _directory(files: Mapping[str, bytes], out: Path) -> None:
    if out.is_symlink() or (out.exists() and (not out.is_dir() or any(out.iterdir()))):
        raise UsageError(f"cannot write {out}: it exists already; name a new directory, or an archive (.tar.gz, .zip)")
    temporary = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name[:40]}."))
    try:
        for path, body in files.items():
            place = temporary / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.touch(mode=0o600)
            place.write_bytes(body)
        if out.exists():
            out.rmdir()
        temporary.rename(out)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def _tar_gz(files: Mapping[str, bytes], file: IO[bytes]) -> None:
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=file, compresslevel=6, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for path, body in files.items():
            member = tarfile.TarInfo(path)  # time, user and group are 0, mode is 0644
            member.size = len(body)
            archive.addfile(member, BytesIO(body))


def _zip(files: Mapping[str, bytes], file: IO[bytes]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, body in files.items():
            member = zipfile.ZipInfo(path, date_time=(1980, 1, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system, member.external_attr = 3, 0o100644 << 16
            archive.writestr(member, body)
