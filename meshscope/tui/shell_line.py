"""The line of a shell that lists what a table shows."""

from __future__ import annotations

import shlex

from meshscope.listing.selection import Selection
from meshscope.render.options import option_of
from meshscope.render.text import safe


def shell_line(
    kind: str, selection: Selection, sources: tuple[str, ...], *, options: tuple[str, ...] = (), wide: bool = False
) -> str:
    """`meshscope get routes --proxy reviews --from demo`, quoted for a shell. `options` are words that follow the sources.

    Filters and orders of the screen are not in it.
    """
    words = ["meshscope", "get", kind]
    for field, value in selection.filters():
        words += [option_of(field), value]
    if wide:
        words += ["-o", "wide"]
    for source in sources:
        words += ["--from", source]
    words += options
    return " ".join(map(_quoted, words))


def _quoted(word: str) -> str:
    """A word with control characters is spelled `$'…'`, which bash, zsh and ksh read."""
    if word.isprintable():
        return shlex.quote(word)
    escaped = word.replace("\\", "\\\\").replace("'", "\\'")
    return f"$'{safe(escaped)}'"
