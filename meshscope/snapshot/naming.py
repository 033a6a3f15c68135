"""The names of sources: `NAME=PATH`, live sources, and the message for a path that does not exist."""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from itertools import islice
from pathlib import Path

_LIVE = r"(?i)(?:https?|http\+unix|istiod\+https?)://|k8s:"
_NAMED = r"(?s)([A-Za-z0-9][\w.-]*)=(.+)"
_MOST_NEIGHBOURS = 10_000


def split_name(source: str, words: Collection[str]) -> tuple[str, str]:
    """The mesh cluster that a source is named for ("" for none) and the source itself: `east=DIR`.

    An existing path with "=" in it is that path. `words` are sources that are not paths.
    """
    named = re.fullmatch(_NAMED, source) if "=" in source else None
    if named is None or exists(source):
        return "", source
    name, place = named.groups()
    return (name, place) if place in words or is_live(place) or exists(place) else ("", source)


def is_live(source: str) -> bool:
    return ":" in source and re.match(_LIVE, source) is not None


def live(source: str) -> str:
    """The message that refuses a live source."""
    return (
        f"{source!r} is a live source: meshscope.open_snapshot asks it, this function reads files and recordings only"
    )


def missing(place: str) -> str:
    """The message for a path that does not exist, with paths of nearly that name."""
    if re.fullmatch(r"[A-Za-z0-9.-]+:[0-9]{1,5}|\[[0-9a-fA-F:]+\]:[0-9]{1,5}", place):
        return f"no file or directory {place!r}; a live proxy is http://{place}"
    parent, wished = _deepest(Path(place))
    try:
        names = [entry.name for entry in islice(os.scandir(parent), _MOST_NEIGHBOURS)]
    except OSError:
        names = []
    from meshscope.nearest import near_words  # only for a path that does not exist

    near = [str(parent / name) for name in near_words(wished, sorted(names))]
    hint = f"; did you mean {' or '.join(map(repr, near))}?" if near else ""
    return f"no file or directory {place!r}{hint}"


def exists(place: str) -> bool:
    """Whether the path exists, readable or not; a link that leads nowhere does not."""
    try:
        Path(place or "\0").stat()  # the path "" would be the current directory
    except PermissionError:
        return True
    except (OSError, ValueError):
        return False
    return True


def _deepest(path: Path) -> tuple[Path, str]:
    """The deepest directory on the way to a path that exists, and the first part that does not."""
    for parent in path.parents:
        if exists(str(parent)):
            return parent, path.relative_to(parent).parts[0]
    return Path(), path.name
