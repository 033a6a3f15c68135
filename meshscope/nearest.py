"""The known words that are nearest to an unknown one, and the hint "did you mean …?"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

MOST_NEAR = 3
MOST_CHARACTERS = 300
"""Of a list of known words: about four lines of a terminal."""


def near_words(word: str, known: Sequence[str], *, most: int = MOST_NEAR, alike: float = 0.5) -> list[str]:
    """At most so many known words, the nearest first. `alike` from 0 to 1 is the least likeness that counts.

    https://docs.python.org/3/library/difflib.html#difflib.get_close_matches
    """
    from difflib import get_close_matches  # only for a word that is not known

    return get_close_matches(word, known, n=most, cutoff=alike)


def nearest(word: str, known: Sequence[str], listed: Sequence[str] = ()) -> str:
    """`; did you mean a, b?`; where nothing is near, words that contain this one, else `; there are a, b and 7 more`.

    `listed` are the words to list then, where `known` has several for one thing.
    """
    near = near_words(word, known) or [name for name in known if word in name][:MOST_NEAR]
    return did_you_mean(near) or _there_are(listed or known)


def nearest_host(word: str, known: Sequence[str]) -> str:
    """As `nearest`, where a host's first label, `reviews`, stands for the whole host."""
    spelled = {spelling: host for host in known for spelling in (host.partition(".")[0], host)}
    near = near_words(word, list(spelled)) or [spelling for spelling in spelled if word in spelling]
    return did_you_mean(list(dict.fromkeys(spelled[spelling] for spelling in near))[:MOST_NEAR]) or _there_are(known)


def did_you_mean(near: Iterable[str]) -> str:
    words = ", ".join(near)
    return f"; did you mean {words}?" if words else ""


def _there_are(known: Sequence[str]) -> str:
    shown: list[str] = []
    for name in known:
        if shown and sum(map(len, shown)) + 2 * len(shown) + len(name) > MOST_CHARACTERS:
            break
        shown.append(name)
    more = len(known) - len(shown)
    return f"; there are {', '.join(shown)}{f' and {more} more' if more else ''}" if known else ""
