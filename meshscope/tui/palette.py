"""Colours by what they mean. A colour is never the only signal: a glyph or a word says the same."""

from __future__ import annotations

from rich.style import Style

from meshscope.listing.glyphs import (
    ABSENT,
    ERROR,
    EXPIRED,
    IN_EFFECT,
    NOT_IN_EFFECT,
    NOT_YET_VALID,
    PARTLY,
    PENDING,
    UNKNOWN,
    WARNING,
    WELL,
)
from meshscope.render.painting import BOLD, FAINT, GREEN, RED, YELLOW, style_of

MEANINGS = {
    BOLD: Style(bold=True),
    FAINT: Style(dim=True),
    RED: Style(color="red", bold=True),
    GREEN: Style(color="green"),
    YELLOW: Style(color="yellow"),
}
"""By the codes of `render.painting`; of the sixteen colours that every terminal has."""

_STATES = {EXPIRED: RED, NOT_YET_VALID: RED, ERROR: RED, WARNING: YELLOW, WELL: GREEN, PENDING: YELLOW, ABSENT: FAINT}
_STATES |= {NOT_IN_EFFECT: RED, PARTLY: YELLOW, UNKNOWN: YELLOW, IN_EFFECT: GREEN}


def meaning_of(text: str) -> Style | None:
    """The style of a cell that is a state by its glyph or word; None for any other text."""
    return MEANINGS.get(_STATES.get(text) or style_of(text))
