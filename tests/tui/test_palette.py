from __future__ import annotations

import pytest

from meshscope.listing.glyphs import ABSENT, ERROR, PENDING, WARNING, WELL
from meshscope.tui.palette import MEANINGS, meaning_of


@pytest.mark.parametrize("text", [ERROR, WARNING, WELL, PENDING, ABSENT, "HEALTHY", "error"])
def test_a_state_has_a_style(text: str) -> None:
    assert meaning_of(text) in MEANINGS.values()


@pytest.mark.parametrize("text", ["", "reviews", "✗ refused", "healthy"])
def test_any_other_text_has_none(text: str) -> None:
    assert meaning_of(text) is None
