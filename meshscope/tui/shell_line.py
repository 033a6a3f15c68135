"""The line of a shell that shows what a screen shows."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from meshscope.listing.rows import Filter
from meshscope.listing.selection import Selection
from meshscope.render.options import option_of
from meshscope.render.text import safe


def shell_line(
    kind: str, selection: Selection, sources: tuple[str, ...], *, options: tuple[str, ...] = (), wide: bool = False
) -> str:
    """`meshscope get routes --proxy reviews --from demo`, quoted for a shell. Orders of the screen are not in it."""
    words = ["get", kind]
    for field, value in selection.filters():
        words += [option_of(field), value]
    if wide:
        words += ["-o", "wide"]
    return line_of_words(words, sources, options)


def grep_of(filters: Iterable[Filter]) -> tuple[str, int]:
    """What a line of `get` is piped through for the same rows, and how many filters that leaves out: those of one column
    and fuzzy ones. grep takes away the titles too.
    """
    found, left = "", 0
    for each in filters:
        if each.column is not None or each.is_fuzzy or not each.text.isprintable():
            left += 1
        else:
            found += f" | grep -{'v' if each.is_inverse else ''}iF -e {shlex.quote(each.text)}"
    return found, left


def line_of_words(words: Iterable[str], sources: tuple[str, ...], options: tuple[str, ...] = ()) -> str:
    """`meshscope find 10.20.0.21 --from demo`, quoted for a shell. `options` are words that follow the sources."""
    froms = [word for source in sources for word in ("--from", source)]
    return " ".join(map(_quoted, ("meshscope", *words, *froms, *options)))


def _quoted(word: str) -> str:
    """A word with control characters is spelled `$'…'`, which bash, zsh and ksh read."""
    if word.isprintable():
        return shlex.quote(word)
    escaped = word.replace("\\", "\\\\").replace("'", "\\'")
    return f"$'{safe(escaped)}'"
