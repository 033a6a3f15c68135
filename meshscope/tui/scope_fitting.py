"""A line of Scope in the cells that its column has: what is left out, and what is cut."""

from __future__ import annotations

from meshscope.listing.glyphs import MISSING
from meshscope.render.scope_words import ShownLine
from meshscope.render.text import shortened, width

_LEAST_LABEL, _LEAST_FACT = 10, 6


def parts(shown: ShownLine, cells: int) -> tuple[str, list[str]]:
    """The label and the words after it in so many cells.

    What is wrong is cut last, after the first fact if that is short, as a subset is; then the other facts in their order.
    """
    room, whole = cells - shown.depth, width(shown.label)
    sign = " ".join(part for part in (shown.glyph, shown.trouble) if part)
    is_roomy = whole + 1 + _LEAST_FACT <= room and not sign
    left = room - (whole if is_roomy else min(whole, max(_LEAST_LABEL, room * 3 // 5)))
    tail: list[str] = []
    if sign:
        first = width(shown.facts[0]) + 1 if shown.facts and width(shown.facts[0]) < _LEAST_FACT else 0
        sign = _sign(shown, sign, max(1, left - 1 - first))
        left -= width(sign) + 1
    for fact in shown.facts:
        if left < min(width(fact), _LEAST_FACT) + 1:
            break
        tail.append(shortened(fact, left - 1, lead=0.7))
        left -= width(tail[-1]) + 1
    words = [*tail, sign] if sign else tail
    used = sum(width(word) + 1 for word in words)
    return shortened(shown.label, max(1, room - used)), words


def _sign(shown: ShownLine, sign: str, most: int) -> str:
    if width(sign) > most and shown.glyph == MISSING:
        return shortened(f"{MISSING} missing", most, lead=1)
    return shortened(sign, most, lead=1)
