"""The page in a real browser: it asks nobody for anything, a click narrows a scope as the terminal's does, names stay texts."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from meshscope.listing.scope import CLUSTERS, ROUTES, scope_of
from meshscope.mesh.graph import cluster
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.proxy_names import proxies_named
from meshscope.render.html import drawing as bounds
from meshscope.render.html.page import TraceOutline
from meshscope.render.html.report import NONE, Followed
from meshscope.render.text import safe
from meshscope.render.trace.outline import outline
from meshscope.simulation.journey.simulator import trace
from meshscope.simulation.request import Request

from ...mesh.meshes import recorded
from ...tui.sick import HOSTILE, hostile
from .chromium import Browser, Page, chromium, executable
from .pages import page_of
from .test_page import mesh_named

pytestmark = pytest.mark.skipif(not executable(), reason="Chromium is not installed (Debian: apt-get install chromium)")

V1 = cluster("outbound|9080|v1|reviews.default.svc.cluster.local")
SCOPE = scope_of(recorded("bookinfo"), proxies_named(recorded("bookinfo"), "productpage")[0])
SHOWN = "[...document.querySelectorAll('#scope-1 .node')].filter(e => e.getBoundingClientRect().height)"
WHOLE = "11 listeners · 23 chains · 52 routes · 29 clusters · 27 endpoints"
EVIL = "</script><script>alert(1)</script><img src='https://evil/x' onerror=\"alert(1)\">\u202e\x1b[31m"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as one:
        yield one


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Opener]:
    opener = Opener(browser, tmp_path)
    yield opener
    for page in opener.pages:
        assert page.complaints == []
        assert page.requests == [opener.url]


class Opener:
    """Opens pages of meshes. Whatever a test does with them, they must neither complain nor ask anybody."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self._browser, self._file = browser, folder / "report.html"
        self.url = self._file.as_uri()
        self.pages: list[Page] = []

    def __call__(
        self,
        mesh: Mesh,
        *proxies: str,
        followed: Followed = NONE,
        width: int = 1280,
        dark: bool = False,
        scripts: bool = True,
    ) -> Page:
        self._file.write_text(page_of(mesh, followed, proxies), encoding="utf-8")
        page = self._browser.open(self.url, width=width, dark=dark, scripts=scripts)
        self.pages.append(page)
        return page


def node(number: int) -> str:
    return f"#scope-1 [data-n='{number}']"


def shown(page: Page) -> set[int]:
    """The numbers of the boxes that are seen at full strength."""
    return set(page.evaluate(f"{SHOWN}.filter(e => getComputedStyle(e).opacity === '1').map(e => +e.dataset.n)"))


def status(page: Page) -> str:
    return page.texts("#scope-1 .status")[0]


def heads(page: Page) -> list[str]:
    return page.texts("#scope-1 .count")


def narrowed_by(number: int) -> set[int]:
    """By the terminal's own Scope."""
    nodes = [each for column in SCOPE.columns for each in column]
    left = SCOPE.narrowed(nodes[number])
    return {SCOPE.number(SCOPE.columns[column][at]) for column, positions in enumerate(left) for at in positions}


def test_a_page_opens_without_a_complaint_and_asks_nobody(opened: Opener) -> None:
    found = trace(recorded("bookinfo"), Request(source="productpage", dest="reviews"))
    steps = TraceOutline(outline(found), outline(found, all_steps=True))
    page = opened(recorded("bookinfo"), followed=Followed((found,), (steps,)))
    assert page.texts("h2") == ["Overview", "Traces", "Scope"]
    assert page.evaluate("getComputedStyle(document.querySelector('.trace')).borderRadius") == "6px"


def test_a_click_narrows_the_other_layers_and_a_click_on_the_ground_releases_them(opened: Opener) -> None:
    page, number = opened(recorded("bookinfo"), "productpage"), SCOPE.number(V1)
    everything = shown(page)
    assert status(page) == f"{WHOLE} · a click narrows"
    page.click(node(number))
    assert shown(page) == narrowed_by(number)
    assert status(page) == "7 of 142 · narrowed by cluster reviews… v1 · esc releases"
    assert page.texts("#scope-1 .detail") == [f"cluster {V1.key[0]}"]
    assert heads(page) == ["1/11", "1/23", "3/52", "29", "1/27"]
    ground = page.evaluate("""(() => {
        const [canvas, box] = [".canvas", ".chosen"].map(e => document.querySelector(e).getBoundingClientRect());
        return [canvas.x + 40, box.y + 100];  // below the only listener that is left
    })()""")
    page.click_at(*ground)
    assert (shown(page), status(page)) == (everything, f"{WHOLE} · a click narrows")


def test_every_box_narrows_to_what_the_terminal_narrows_to(opened: Opener) -> None:
    page = opened(recorded("bookinfo"), "productpage")
    found = page.evaluate(f"""{SHOWN}.map(e => +e.dataset.n).map(n => {{
        const at = document.querySelector(`#scope-1 [data-n="${{n}}"]`);
        at.dispatchEvent(new MouseEvent("click", {{bubbles: true}}));
        const left = {SHOWN}.filter(e => !e.classList.contains("other")).map(e => +e.dataset.n);
        at.dispatchEvent(new MouseEvent("click", {{bubbles: true}}));
        return [n, left];
    }})""")
    assert len(found) == 142
    for number, left in found:
        assert set(left) == narrowed_by(number), number


def test_boxes_and_curves_stay_together_and_apart(opened: Opener) -> None:
    page = opened(recorded("bookinfo"), "productpage")
    page.click(node(SCOPE.number(V1)))
    boxes = page.evaluate(f"{SHOWN}.map(e => [+e.dataset.c, e.getCTM().f, +e.dataset.h])")
    for column in range(5):
        tops = sorted((top, height) for at, top, height in boxes if at == column)
        assert all(top + height < below for (top, height), (below, _) in pairwise(tops))
    loose = page.evaluate("""[...document.querySelectorAll("#scope-1 .edge:not(.gone)")].filter(edge => {
        const [from, to] = [edge.dataset.s, edge.dataset.t].map(n => document.querySelector(`#scope-1 [data-n="${n}"]`));
        const [start, end] = [edge.getPointAtLength(0), edge.getPointAtLength(edge.getTotalLength())];
        const middle = e => e.transform.baseVal[0].matrix.f + e.dataset.h / 2;
        return Math.abs(start.y - middle(from)) > 0.01 || Math.abs(end.y - middle(to)) > 0.01;
    }).length""")
    assert loose == 0


def test_the_keyboard_does_what_the_mouse_does(opened: Opener) -> None:
    page = opened(recorded("bookinfo"), "productpage")
    page.evaluate("document.querySelector('#scope-1 .canvas').focus()")
    page.press("Tab")
    page.press("ArrowDown")
    page.press("Enter")
    assert shown(page) == narrowed_by(1)
    page.press("ArrowRight")
    page.press(" ")
    chosen = page.evaluate("+document.querySelector('.chosen').dataset.n")
    assert SCOPE.place(SCOPE.columns[1][chosen - len(SCOPE.columns[0])]) == (1, chosen - len(SCOPE.columns[0]))
    assert shown(page) == narrowed_by(chosen)
    page.press("Escape")
    assert status(page) == f"{WHOLE} · a click narrows"


def test_a_hostile_name_stays_a_text(opened: Opener) -> None:
    page = opened(mesh_named(EVIL))
    assert page.evaluate("document.querySelectorAll('img, script:not(.graph)').length") == 1  # our own script
    assert f"cluster {safe(EVIL)}" in page.texts("#scope-1 title")
    page.click("#scope-1 [data-c='3']")
    assert status(page).endswith(f"narrowed by cluster {safe(EVIL)} · esc releases")
    assert page.texts(".detail") == [f"cluster {safe(EVIL)}"]


def test_hostile_names_of_all_kinds_can_be_clicked(opened: Opener) -> None:
    page = opened(hostile())
    for column in range(5):
        page.evaluate(f"""document.querySelectorAll("[data-c='{column}']").forEach(
            e => e.dispatchEvent(new MouseEvent("click", {{bubbles: true}})))""")
    assert len(page.texts("#scope-1 [data-c='3'] title")) == len(set(HOSTILE))


def test_without_scripts_everything_can_be_read(opened: Opener) -> None:
    page = opened(recorded("bookinfo"), "productpage", scripts=False)
    assert status(page) == WHOLE
    assert len(shown(page)) == 142
    page.click(node(SCOPE.number(V1)))
    assert len(shown(page)) == 142


def test_what_is_not_drawn_is_counted(opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MOST_NODES", 10)
    page = opened(recorded("bookinfo"), "productpage")
    page.click("#scope-1 [data-c='0']")
    number = page.evaluate("+document.querySelector('.chosen').dataset.n")
    whole = narrowed_by(number)
    hidden = len(whole - set(page.evaluate(f"{SHOWN}.map(e => +e.dataset.n)")))
    assert status(page).startswith(f"{len(whole)} of 142 · ")
    assert (f"· {hidden} of them not drawn ·" in status(page)) == (hidden > 0)
    assert heads(page)[ROUTES] == f"{sum(n in whole for n in range(34, 86))}/52"
    assert heads(page)[CLUSTERS] == f"{sum(n in whole for n in range(86, 115))}/29"


@pytest.mark.parametrize("width", [400, 1280])
def test_the_page_fits_the_window_in_both_schemes(width: int, opened: Opener) -> None:
    grounds = set()
    for dark in (False, True):
        page = opened(recorded("bookinfo"), "productpage", width=width, dark=dark)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        grounds.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert len(grounds) == 2


def test_words_in_boxes_stay_in_their_boxes(opened: Opener) -> None:
    page = opened(recorded("bookinfo"), "productpage")
    assert (
        page.evaluate(f"""{SHOWN}.filter(e => {{
        const room = e.querySelector("rect").getBBox();
        return [...e.querySelectorAll("text")].some(t => t.getBBox().x + t.getBBox().width > room.x + room.width);
    }}).map(e => e.textContent)""")
        == []
    )
