"""The keys of a page with a table: filter line, order and columns by the cell cursor, copies, digits for kinds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from msgspec.structs import replace
from textual.binding import Binding, BindingType
from textual.widgets import Input

from meshscope.errors import UsageError
from meshscope.listing.registry import kind_named
from meshscope.listing.rows import Filter
from meshscope.listing.selection import Selection
from meshscope.render.text import safe, shortened
from meshscope.tui.copied import copied
from meshscope.tui.filter_line import filters_of
from meshscope.tui.istioctl_line import istioctl_line
from meshscope.tui.kind_keys import KIND_KEYS
from meshscope.tui.messages import FilterTyped, HeadingChosen, OpenList
from meshscope.tui.screens.columns_page import ColumnsPage
from meshscope.tui.screens.rows_page import LONGEST_CHIP
from meshscope.tui.shell_line import Said, columns_said, no_columns, not_said, said_of, shell_line
from meshscope.tui.table_view import Order, TableView, cell_text
from meshscope.tui.widgets.filter_input import FilterInput


class TablePage(ColumnsPage):
    """The keys change the `Arrangement` of the rows."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "filter", key_display="/", id="table.filter"),
        Binding("s", "sort", "sort", id="table.sort"),
        Binding("equals_sign", "keep", "keep", key_display="=", id="table.keep"),
        Binding("exclamation_mark", "hide", "hide", key_display="!", id="table.hide"),
        Binding("backspace", "release", "release the last filter", show=False, id="table.release"),
        Binding("w", "wide", "wide", id="table.wide"),
        Binding("c", "copy", "copy", id="table.copy"),
        Binding("tab", "cell(1)", "next cell", show=False, id="table.next_cell"),
        Binding("shift+tab", "cell(-1)", "cell before", show=False, id="table.cell_before"),
        Binding("C", "copy_cell", "copy the cell", show=False, id="table.copy_cell"),
        *KIND_KEYS,
    ]

    # --- filters -------------------------------------------------------------------------------------------------------

    async def action_filter(self) -> None:
        if not self.query("#filter"):
            hint = 'text, "two words", !without, ~fuzzy, port=9080'
            await self.query_one("#bottom").mount(FilterInput(hint, id="filter"), before="#state")
        box = self.query_one(FilterInput)
        with self.app.batch_update():
            box.value = ""
            box.add_class("open")
            self.set_focus(box)

    def on_filter_typed(self, _message: FilterTyped) -> None:
        if self._view is not None:
            self._filter_by_line(self.query_one(FilterInput), self._view)

    def _filter_by_line(self, box: FilterInput, view: TableView) -> None:
        try:
            typed = filters_of(box.value, view.rows.columns)
        except UsageError as error:
            box.add_class("wrong")
            self.trouble(str(error))
            return
        box.remove_class("wrong")
        self.trouble("")
        fixed = self._fixed()
        self._typed = typed
        self._arrange(replace(self._wanted, filters=(*fixed, *typed)))

    def _fixed(self) -> tuple[Filter, ...]:
        """The filters that are not of the line that is typed."""
        return self._wanted.filters[: len(self._wanted.filters) - len(self._typed)]

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if event.input.id != "filter":
            return
        event.stop()
        if not event.input.has_class("wrong"):
            self._typed = ()
            self._close_filter()

    def _close_filter(self) -> None:
        with self.app.batch_update():
            self.query_one(FilterInput).remove_class("open", "wrong")
            self.trouble("")
            self.set_focus(self.table)

    def action_keep(self) -> None:
        self._filter_by_cell(is_inverse=False)

    def action_hide(self) -> None:
        self._filter_by_cell(is_inverse=True)

    def _filter_by_cell(self, *, is_inverse: bool) -> None:
        index, row = self.table.pointed_column, self.table.pointed
        view = self._view
        if view is None or index is None or row is None:
            return
        cell = view.columns[index].cell(row)
        text = "" if cell is None else str(cell if isinstance(cell, (str, int)) else next(iter(cell), ""))
        one = Filter(text, view.visible[index], is_whole=True, is_inverse=is_inverse)
        if one not in self._wanted.filters:
            self._arrange(replace(self._wanted, filters=(*self._wanted.filters, one)))

    def action_release(self) -> None:
        if self._wanted.filters:
            self._arrange(replace(self._wanted, filters=self._wanted.filters[:-1]))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "back" and (self.has_focus_on("filter") or self.has_focus_on("columns")):
            return True
        return super().check_action(action, parameters)

    def action_back(self) -> None:
        """Leaves what is open first: the list of columns, the filter line with what is typed in it."""
        if self.has_focus_on("columns"):
            self.close_columns()
        elif self.has_focus_on("filter"):
            fixed, self._typed = self._fixed(), ()
            with self.app.batch_update():
                self._arrange(replace(self._wanted, filters=fixed))
                self._close_filter()
        else:
            super().action_back()

    # --- order and columns ---------------------------------------------------------------------------------------------

    def action_sort(self) -> None:
        """By the column under the cell cursor: up, down, then Envoy's own order."""
        index = self.table.pointed_column
        if self._view is None or index is None:
            return
        column, order = self._view.visible[index], self._wanted.order
        if order is None or order.column != column:
            new: Order | None = Order(column)
        else:
            new = None if order.descending else Order(column, descending=True)
        self._arrange(replace(self._wanted, order=new))

    def on_heading_chosen(self, _message: HeadingChosen) -> None:
        self.action_sort()

    def action_wide(self) -> None:
        if self._view is not None:
            self._wide = not self._wide
            columns = self.columns_of(self._view.rows, self.session, wide=self._wide)
            self._arrange(replace(self._wanted, columns=columns, keeps_all=self._wide))

    def action_cell(self, step: int) -> None:
        if self.table.has_focus:
            self.table.action_column(step)

    # --- copies --------------------------------------------------------------------------------------------------------

    def action_copy(self) -> None:
        """The names of the marked rows in the order of the rows, else the name of the row under the cursor."""
        view, table = self._view, self.table
        if view is None or (table.pointed_id is None and not table.marks):
            return
        marked = sorted(position for ident in table.marks if (position := view.rows.position(ident)) is not None)
        idents = [view.rows.ids[position] for position in marked] or ([table.pointed_id] if table.pointed_id else [])
        names = [safe(ident.name) for ident in idents]
        what = shortened(names[0], LONGEST_CHIP) if len(names) == 1 else f"{len(names)} names"
        self.notice(copied(self.app, "\n".join(names), what))

    def action_copy_cell(self) -> None:
        index, row, view = self.table.pointed_column, self.table.pointed, self._view
        if view is not None and index is not None and row is not None:
            text = cell_text(view.columns[index].cell(row))
            self.notice(copied(self.app, text, f"the cell {view.columns[index].title}".rstrip()))

    def _said(self) -> Said:
        """The filters in the words of a shell, which spells a whole cell as the cell does."""
        name, selection = self.listed
        rows, kind = self._rows, kind_named(name, self.session.mesh)
        if rows is None:
            return Said(selection)
        is_kinds = rows.columns[: len(kind.columns)] == kind.columns
        usual = self.columns_of(rows, self.session, wide=self._wide) if is_kinds else ()
        shown = self._wanted.columns if self._chosen_columns() else usual
        filters = [rows.spelled(each) if is_kinds else each for each in self._wanted.filters]
        return (
            said_of(kind, selection, filters, shown) if is_kinds else said_of(no_columns(kind), selection, filters, ())
        )

    def _chosen_columns(self) -> tuple[str, ...]:
        """Those on the screen in the words of a shell, where they are others than `get` shows; () where it cannot say them."""
        rows, kind = self._rows, kind_named(self.listed[0], self.session.mesh)
        if rows is None or rows.columns[: len(kind.columns)] != kind.columns:
            return ()
        usual, wanted = self.columns_of(rows, self.session, wide=self._wide), self._wanted.columns
        return () if wanted == usual else columns_said(rows.columns, wanted) or ()

    def shell_line(self) -> str:
        kind, _ = self.listed
        said, sources, options = self._said(), self.session.sources, self.session.options
        columns = self._chosen_columns()
        line = shell_line(kind, said.selection, sources, options=options, wide=self._wide, columns=columns)
        return line + said.pipe

    def beside_shell_line(self) -> Iterator[str]:
        """What it lacks, and the line of istioctl or kubectl."""
        said, rows = self._said(), self._rows
        if rows is not None:
            usual = self.columns_of(rows, self.session, wide=self._wide)
            unsaid = () if self._chosen_columns() else self._wanted.columns
            yield from not_said(said, rows.columns, [rows.columns[each] for each in unsaid if each not in usual])
        kind = kind_named(self.listed[0], self.session.mesh)
        if not (said.pipe or said.left) and (other := istioctl_line(kind, said.selection)):
            yield f"in the cluster: {other}"

    # --- other kinds ---------------------------------------------------------------------------------------------------

    def action_kind(self, kind: str) -> None:
        self.post_message(OpenList(kind, Selection(proxy=self.proxy_in_question()), instead=self.replaces_itself))

    @property
    def replaces_itself(self) -> bool:
        """Whether another kind takes the place of this page, so that `esc` leads to the page before it."""
        return False
