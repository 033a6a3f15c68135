from __future__ import annotations

from meshscope.listing.registry import kind_of_name
from meshscope.tui.kind_keys import KIND_KEYS, KINDS_BY_DIGIT, LEGEND


def test_every_digit_opens_a_kind_of_proxies() -> None:
    assert all(kind_of_name(kind).is_per_proxy for kind in KINDS_BY_DIGIT.values())
    assert [binding.key for binding in KIND_KEYS] == list(KINDS_BY_DIGIT)


def test_the_legend_fits_the_narrowest_screen() -> None:
    assert len(LEGEND) <= 78
    assert all(digit in LEGEND for digit in KINDS_BY_DIGIT)
