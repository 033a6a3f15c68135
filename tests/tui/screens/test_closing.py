from __future__ import annotations

import weakref

from meshscope.tui.app import Browser
from meshscope.tui.screens.closing import ClosingScreen
from meshscope.tui.screens.list import ListScreen
from meshscope.tui.session import Session

from ...mesh.meshes import recorded
from ..driving import Driven, drive


def test_a_closed_table_has_let_go_of_its_rows_and_knows_only_the_session_of_the_app() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("3")
        screen = browser.app.screen
        assert isinstance(screen, ListScreen)
        view = screen.table.view
        assert view is not None
        rows = weakref.ref(view.rows)
        del view
        assert screen not in ClosingScreen.closed
        await browser.press("escape")
        assert screen in ClosingScreen.closed
        assert rows() is None
        newer = Session(screen.session.mesh, ("other",))
        assert isinstance(browser.app, Browser)
        browser.app._renew(newer)
        assert screen.session is newer

    drive(recorded("bookinfo"), walk)
