"""What is read of the links of an object: first those that its proxy and its metadata tell, then the rules behind it."""

from __future__ import annotations

from functools import partial

from textual.worker import get_current_worker

from meshscope.errors import CancelledError
from meshscope.listing.describe import Description
from meshscope.mesh.mesh import Mesh
from meshscope.tui.collector import kept_from_collector
from meshscope.tui.object_view import Link, link_rows, with_rules
from meshscope.tui.screens.text_page import TextPage
from meshscope.tui.session import Session
from meshscope.tui.table_view import view_of
from meshscope.tui.widgets.virtual_table import VirtualTable
from meshscope.work import Work

MOST_LINKS = 6
"""Links that are shown at once on a low terminal, on a higher one a quarter of its lines; the others scroll."""


class LinkedPage(TextPage):
    """A page composes a `VirtualTable` with the id `links`. `_links` are those on the screen."""

    DEFAULT_CSS = """
    LinkedPage #links { display: none; }
    LinkedPage #links.open { display: block; }
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._thing: Description | None = None
        self._links: tuple[Link, ...] = ()
        self._without_rules: tuple[Link, ...] = ()
        self._rules: tuple[Link, ...] | None = None  # None as long as they are looked for

    def show_links(self, mesh: Mesh, thing: Description, found: tuple[Link, ...]) -> None:
        """Shows them at once; which rules made the object, or what its own made, is worked out afterwards."""
        self._without_rules = found
        self._show_links()
        work = partial(self._read_rules, mesh, thing)
        self.run_worker(work, thread=True, exclusive=True, group="rules")

    def forget_links(self) -> None:
        self._thing, self._links, self._without_rules, self._rules = None, (), (), None

    def _read_rules(self, mesh: Mesh, thing: Description) -> None:
        from meshscope.tui.effect.attributed import attributed  # the object is on the screen before

        worker = get_current_worker()
        try:
            with kept_from_collector():
                found = attributed(mesh, thing, Work(None, lambda: worker.is_cancelled))
        except CancelledError:
            return
        self.from_worker(self._show_rules, thing, found)

    def _show_rules(self, thing: Description, found: tuple[Link, ...]) -> None:
        if thing is not self._thing:
            return
        table = self.query_one("#links", VirtualTable)
        is_untouched = self._rules is None and not table.cursor
        self._rules = found
        self._show_links()
        if is_untouched:
            table.action_to(0)

    def _show_links(self) -> None:
        self._links = found = with_rules(self._without_rules, self._rules or ())
        table = self.query_one("#links", VirtualTable)
        table.set_class(bool(found), "open")
        if found:
            rows = link_rows(found)
            visible = [
                index for index in range(len(rows.columns)) if any(rows.columns[index].cell(row) for row in rows)
            ]
            table.styles.height = min(len(found), max(MOST_LINKS, self.size.height // 4)) + 1
            table.show(view_of(rows, visible))
