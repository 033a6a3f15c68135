from __future__ import annotations

import pytest

from meshscope.listing.glyphs import ABSENT, ERROR, EXPIRED, NOT_YET_VALID, PENDING, WARNING, WELL
from meshscope.tui.palette import MEANINGS, meaning_of


@pytest.mark.parametrize("text", [ERROR, WARNING, WELL, PENDING, ABSENT, "HEALTHY", "error"])
def test_a_state_has_a_style(text: str) -> None:
    assert meaning_of(text) in MEANINGS.values()


@pytest.mark.parametrize("text", ["", "reviews", "✗ refused", "healthy"])
def test_any_other_text_has_none(text: str) -> None:
    assert meaning_of(text) is None


def test_an_expired_certificate_is_an_error() -> None:
    assert meaning_of(EXPIRED) == meaning_of(NOT_YET_VALID) == meaning_of(ERROR)
    assert meaning_of("23h") is None
