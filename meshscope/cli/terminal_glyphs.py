"""Whether stdout has a tick, a cross and arrows."""

from __future__ import annotations

import os
import sys

_ASCII_LOCALES = ("C", "POSIX")


def has_glyphs() -> bool:
    """Whether stdout's encoding has them (a text in memory has none), and the locale is another one than C.

    In C Python writes UTF-8 all the same, and sets LC_CTYPE itself, so that only the other variables say what the
    terminal is (https://peps.python.org/pep-0538/).
    """
    try:
        "✓▸→".encode(sys.stdout.encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return (os.environ.get("LC_ALL") or os.environ.get("LANG") or "") not in _ASCII_LOCALES
