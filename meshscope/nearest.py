"""The known words that are nearest to an unknown one, and the hint "did you mean …?"."""

from __future__ import annotations

from collections.abc import Sequence


def near_words(word: str, known: Sequence[str], *, most: int = 3, alike: float = 0.5) -> list[str]:
    """At most so many known words, the nearest first. `alike` from 0 to 1 is the least likeness that counts.

    https://docs.python.org/3/library/difflib.html#difflib.get_close_matches
    """
    from difflib import get_close_matches  # only for a word that is not known

    return get_close_matches(word, known, n=most, cutoff=alike)


def nearest(word: str, known: Sequence[str]) -> str:
    """`; did you mean a, b?`; where nothing is near, words that contain this one, else `; there are a, b …`."""
    if near := near_words(word, known) or [name for name in known if word in name][:3]:
        return f"; did you mean {', '.join(near)}?"
    return f"; there are {', '.join(known[:5])}{' …' if len(known) > 5 else ''}" if known else ""
