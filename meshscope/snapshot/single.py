"""One file or stream as a source: an archive, or one text."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from meshscope.snapshot import cleaning
from meshscope.snapshot.archive import Archive, archive_at, archive_form, read_archive
from meshscope.snapshot.directory import FileText
from meshscope.snapshot.inflating import is_gzip
from meshscope.snapshot.member import Listing, Member
from meshscope.work import Work


def read_stream(name: str, file: BinaryIO, work: Work) -> Listing:
    """A stream, which can be read once only: its bytes are held in memory, at most MOST_BYTES.

    One that begins neither as an archive nor as a text (`/dev/zero`) is read no further.
    """
    raw = file.read(cleaning.HEAD)
    begun = Archive(name, lambda: BytesIO(raw), len(raw))
    if is_gzip(raw) or archive_form(begun) or cleaning.sniff(raw).is_text:
        rest = file.read(cleaning.MOST_BYTES + 1 - len(raw))
        if len(raw) + len(rest) > cleaning.MOST_BYTES:
            raise OSError(f"{cleaning.too_large()}; save it into a file")
        raw += rest
    return _one(Archive(name, lambda: BytesIO(raw), len(raw)), lambda: raw, work)


def read_single(path: Path, name: str, work: Work) -> Listing:
    """A regular file; `name` is what the user typed. Raises OSError."""
    status = path.stat()
    file = FileText(str(path.absolute()), status.st_size, status.st_mtime_ns)
    return _one(archive_at(name, file), file, work)


def _one(file: Archive, load: Callable[[], bytes], work: Work) -> Listing:
    """A file: an archive, or one text."""
    if form := archive_form(file):
        return read_archive(file, form, work)
    work.step(0, file.length)
    with closing(file.open()) as opened:
        sniffed = cleaning.sniff(opened.read(cleaning.HEAD))
    if file.length > cleaning.MOST_BYTES:
        sniffed = cleaning.Sniffed(is_text=False, refused=cleaning.too_large())
    elif not sniffed.is_text:  # the user named it: it matters
        why = {"": "neither a text nor an archive (.tar, .tar.gz, .zip)", cleaning.EMPTY: "the file is empty"}
        sniffed = cleaning.Sniffed(is_text=False, refused=why.get(sniffed.refused, sniffed.refused))
    return Listing((Member(Path(file.name).name, file.name, load, sniffed),), (), file.length)
