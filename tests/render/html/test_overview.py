from __future__ import annotations

from typing import Any

import pytest

from meshscope.listing.home import HomeView, home_view
from meshscope.mesh.mesh import Mesh
from meshscope.render.html import overview
from meshscope.render.html.overview import fault_counts, overview_markup
from meshscope.render.text import safe

from ...mesh.meshes import recorded
from ...tui.sick import SICK, WELL, WHY, hostile, sick
from .pages import Read


def read(mesh: Mesh) -> Read:
    return Read(overview_markup(home_view(mesh, "")))


def texts(mesh: Mesh) -> list[str]:
    return [text for _, text in read(mesh).texts]


def test_faults_come_before_proxies_errors_first() -> None:
    found = texts(sick())
    assert found.index("Faults") < found.index("Proxies")
    cells = read(sick()).of("td")
    assert cells[:5] == ["✗", SICK, f"listener web was refused: {WHY}", "Gateway shop/front", "front.yaml:1"]
    assert [cell for cell in cells if cell in (SICK, WELL)] == [SICK, SICK, WELL, SICK, WELL]


def test_what_is_counted_is_what_the_browser_counts() -> None:
    home = home_view(sick(), "")
    assert Read([fault_counts(home)]).of("span") == [f"✗ {home.errors}", f"▲ {home.warnings}"]
    assert fault_counts(home_view(recorded("bookinfo"), "")) == ""


def test_a_mesh_without_faults_says_so() -> None:
    assert " no fault was found in the configuration of any proxy" in texts(recorded("bookinfo"))
    assert " no fault was found in the configuration of any proxy" not in texts(sick())


def test_what_is_missing_is_said() -> None:
    missing = home_view(hostile(), "").missing
    assert missing
    assert all(f" {safe(sentence)}" in "".join(read(hostile()).of("p")) for sentence in missing)


def test_columns_that_are_empty_for_all_are_left_out() -> None:
    assert "ISTIOD" in read(sick()).of("th")
    assert "ISTIOD" not in read(hostile()).of("th")
    assert [any("acknowledged" in text for text in texts(mesh)) for mesh in (sick(), hostile())] == [True, False]
    assert "OWNER" in read(sick()).of("th")
    assert "OWNER" not in read(hostile()).of("th")


def test_long_tables_are_cut_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not [text for text in texts(sick()) if " of " in text]
    monkeypatch.setattr(overview, "MOST_FAULTS", 2)
    monkeypatch.setattr(overview, "MOST_PROXIES", 1)
    found = texts(sick())
    assert "2 of 3 faults; meshscope ui lists all" in found
    assert "1 of 2 proxies; meshscope get proxies lists all" in found
    assert read(sick()).elements.count("tr") == 2 + 2 + 1


def test_a_mesh_without_proxies_is_a_page_too() -> None:
    empty: Any = HomeView((), (), ("nothing was captured",), is_complete=True)
    assert "no proxy in this input" in Read(overview_markup(empty)).of("p")
