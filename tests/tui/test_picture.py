from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from meshscope.tui.picture import save_picture

NOW = datetime(2026, 11, 28, 17, 49, 5)


def test_a_picture_never_takes_the_place_of_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names = [str(save_picture(text, "home", NOW)) for text in ("a", "b", "c")]
    stem = "meshscope-home-20261128-174905"
    assert names == [f"{stem}.svg", f"{stem}-2.svg", f"{stem}-3.svg"]
    assert [Path(name).read_text() for name in names] == ["a", "b", "c"]
