"""Rows by a field of their JSON."""

from __future__ import annotations

import pytest

from meshscope.errors import UsageError
from meshscope.listing.kinds.clusters import ClusterRow
from meshscope.listing.kinds.ecds import EcdsRow
from meshscope.listing.sorting import sorted_by


def test_sorting_puts_nothing_first_and_numbers_in_names_by_size() -> None:
    rows = [EcdsRow(proxy=name, name=name, type="", owner=owner) for name, owner in
            (("v10", "b"), ("v9", None), ("a", "a"), ("10.0.0.9", None), ("10.0.0.10", None))]  # fmt: skip
    assert [row.name for row in sorted_by(rows, "name", EcdsRow)] == ["10.0.0.9", "10.0.0.10", "a", "v9", "v10"]
    assert [row.owner for row in sorted_by(rows, "owner", EcdsRow)] == [None, None, None, "a", "b"]


@pytest.mark.parametrize("field", ["naem", "location", ""])
def test_a_field_that_rows_do_not_have_is_an_error_that_names_no_option(field: str) -> None:
    with pytest.raises(UsageError, match=f"^no field '{field}'; (did you mean|there are) "):
        sorted_by((), field, ClusterRow)
