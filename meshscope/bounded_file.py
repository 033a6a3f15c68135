"""Small files that are read whole: the user's own settings, credentials and saved lines.

Such a file is named once, or by its place alone, and is read without being looked at: a device, a pipe without a writer, or a
file that somebody else made long must neither fill the memory nor wait for ever.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path


def bounded_bytes(file: Path, most: int) -> bytes:
    """The bytes of a file, or of a device that ends. Raises OSError: unreadable, a pipe, a folder, more than `most` bytes."""
    descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb") as opened:  # opening a pipe would wait for its writer
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISCHR(mode):
            raise OSError(errno.EINVAL, "not a file", str(file))
        body = opened.read(most + 1) or b""
    if len(body) > most:
        raise OSError(errno.EFBIG, f"longer than {most:,} bytes", str(file))
    return body
