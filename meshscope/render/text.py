"""Text from dumps is data: characters that a terminal would obey, or not show, are escaped.

Widths are in terminal cells: an East Asian character has two, a combining one none.
"""

from __future__ import annotations

CUT = "…"
LEAD = 0.4
"""The share of the rest that is before the cut: names of pods and hosts differ at their ends."""

ASCII = str.maketrans({"✓": "+", "✗": "x", "▸": ">", "→": "->", "×": "x", "·": "-", "…": "~", "–": "-", "←": "<-"})
"""Our own glyphs for terminals without UTF-8."""


def safe(text: str) -> str:
    """Control, bidirectional, invisible and unassigned characters as escapes, on one line."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else _escaped(character) for character in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode()


def width(text: str) -> int:
    if text.isascii() or text.replace(CUT, "").isascii():
        return len(text)
    from rich.cells import cell_len  # takes 15 ms, and nearly all names are ASCII

    return cell_len(text)


def shortened(text: str, most: int, lead: float = LEAD) -> str:
    """A text of at most so many cells, cut in the middle; `lead` is the share of the rest that is before the cut."""
    if width(text) <= most:
        return text
    if most < 2:
        return CUT[:most]
    before = int((most - 1) * lead)
    after = most - 1 - before
    if text.isascii():
        return text[:before] + CUT + text[len(text) - after :]
    head, tail = _fitting(text, before), _fitting(text[::-1], after)[::-1]
    while head + tail and width(head + CUT + tail) > most:  # characters that join to a wider one
        head, tail = (head[:-1], tail) if len(head) >= len(tail) else (head, tail[1:])
    return head + CUT + tail


def _fitting(text: str, most: int) -> str:
    """The first characters that fit, each measured alone."""
    used = 0
    for position, character in enumerate(text):
        used += width(character)
        if used > most:
            return text[:position]
    return text


def padded(text: str, cells: int) -> str:
    return text + " " * (cells - width(text))
