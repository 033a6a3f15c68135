"""The near words for one that is not known: "did you mean …?" for a word that is not known."""

from __future__ import annotations


def nearest(word: str, known: list[str]) -> str:
    """`; did you mean a, b?`, or what there is where nothing is near."""
    from difflib import get_close_matches  # only for what was typed wrong

    if near := get_close_matches(word, known, n=3, cutoff=0.5) or [name for name in known if word in name][:3]:
        return f"; did you mean {', '.join(near)}?"
    return f"; there are {', '.join(known[:5])}{' …' if len(known) > 5 else ''}" if known else ""
