from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.errors import UsageError
from meshscope.listing.rows import Filter
from meshscope.tui.filter_line import chip_of, filters_of, named, unnamed

from .tables import rows_of

COLUMNS = rows_of((), "NAME", "SERVICE FQDN", "PORT").columns


@pytest.mark.parametrize(
    ("line", "filters"),
    [
        ("", ()),
        ("  ", ()),
        ("reviews 9080", (Filter("reviews"), Filter("9080"))),
        ('"two words"', (Filter("two words"),)),
        ("!canary", (Filter("canary", is_inverse=True),)),
        ("~rvw", (Filter("rvw", is_fuzzy=True),)),
        ("!~rvw", (Filter("rvw", is_inverse=True, is_fuzzy=True),)),
        ("name~rvw", (Filter("rvw", 0, is_fuzzy=True),)),
        ("a~b", (Filter("a~b"),)),
        ("port=9080", (Filter("9080", 2, is_whole=True),)),
        ("PORT:90", (Filter("90", 2),)),
        ("!service-fqdn:local", (Filter("local", 1, is_inverse=True),)),
        ('name="a b"', (Filter("a b", 0, is_whole=True),)),
        ("port=", (Filter("", 2, is_whole=True),)),
        ("end-user=jason", (Filter("end-user=jason"),)),
        ("10.0.0.1:80", (Filter("10.0.0.1:80"),)),
        ("report=1", (Filter("report=1"),)),
    ],
)
def test_a_line_is_filters(line: str, filters: tuple[Filter, ...]) -> None:
    assert filters_of(line, COLUMNS) == filters


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("!", "after !"),
        ("~", "after ~"),
        ("!~", "after ~"),
        ("port~", "after port~"),
        ('a "b', "not closed"),
        ("port:", "after port:"),
        ('""', "between"),
    ],
)
def test_a_line_that_cannot_be_used_has_a_reason(line: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        filters_of(line, COLUMNS)


TEXTS = st.text(st.characters(blacklist_characters='"', blacklist_categories=["Z", "C"]), min_size=1)


@given(TEXTS, st.none() | st.integers(0, 2), st.booleans(), st.booleans(), st.booleans())
def test_a_chip_is_spelled_as_the_line_reads_it(
    text: str, column: int | None, is_whole: bool, is_inverse: bool, is_fuzzy: bool
) -> None:
    is_whole = is_whole and column is not None and not is_fuzzy
    filter_ = Filter(text, column, is_whole=is_whole, is_inverse=is_inverse, is_fuzzy=is_fuzzy)
    is_ambiguous = column is None and (
        text.startswith(("!", "~")) or text.casefold().startswith(("name", "service", "port"))
    )
    if not is_ambiguous:
        assert filters_of(chip_of(filter_, COLUMNS), COLUMNS) == (filter_,)


def test_a_filter_finds_its_column_in_another_table_by_its_title() -> None:
    filters = (Filter("a"), Filter("b", 1, is_whole=True))
    kept = named(filters, COLUMNS)
    assert unnamed(kept, COLUMNS) == filters
    assert unnamed(kept, COLUMNS[::-1]) == (filters[0], Filter("b", len(COLUMNS) - 2, is_whole=True))
    assert unnamed(kept, COLUMNS[:1]) == filters[:1], "one of a column that is gone is left out"
