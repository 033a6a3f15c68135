from __future__ import annotations

from meshscope.tui.preferences.first_hint import first_hint


def test_three_lines_that_fit_80_columns_name_the_keys_as_they_are() -> None:
    lines = first_hint({}).split("\n")
    assert len(lines) == 3
    assert max(map(len, lines)) <= 78
    assert first_hint({"app.help": "F1"}).startswith("F1 lists the keys")
