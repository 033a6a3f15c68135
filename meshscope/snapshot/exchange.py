"""A directory in the place of another one, so that at every moment one of them is there."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

_AT_CWD = -100
_EXCHANGE = 2
"""Of Linux' renameat2 and macOS' renamex_np alike."""


def put_directory(filled: Path, out: Path) -> None:
    """Puts `filled` in the place of `out`; an old directory there is removed after that. Raises OSError.

    Where the file system cannot exchange two names, the old one is called OUT.before for a moment.
    """
    if not out.exists():
        filled.rename(out)
    elif _is_exchanged(filled, out):
        shutil.rmtree(filled, ignore_errors=True)
    else:
        before = out.with_name(f"{out.name}.before")
        out.rename(before)
        try:
            filled.rename(out)
        except BaseException:
            before.rename(out)
            raise
        shutil.rmtree(before, ignore_errors=True)


def _is_exchanged(one: Path, other: Path) -> bool:
    """Whether the two names now lead to each other's directory: one system call, which nothing can interrupt.

    https://man7.org/linux/man-pages/man2/renameat2.2.html
    """
    import ctypes  # only where a directory is replaced

    names = (os.fsencode(one), os.fsencode(other))
    try:
        library = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "darwin":
            return bool(library.renamex_np(*names, _EXCHANGE) == 0)
        return bool(library.renameat2(_AT_CWD, names[0], _AT_CWD, names[1], _EXCHANGE) == 0)
    except (OSError, AttributeError, TypeError):  # no such function; Windows
        return False
