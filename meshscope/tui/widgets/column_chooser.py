"""The list of columns that a table may have, narrowed while one types."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from meshscope.render.text import safe
from meshscope.tui.widgets.typed_line import TypedLine

_MOST_SHOWN = 200


class ColumnLine(TypedLine):
    """The arrows move the choice in the list below it. They are bound here: an input takes them before what is around it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "above", id="columns.up"),
        Binding("down", "move(1)", "below", id="columns.down"),
    ]

    def action_move(self, step: int) -> None:
        self.query_ancestor(ColumnChooser).move(step)


class ColumnChooser(Vertical):
    """Not open until it has the class `open`. `#columns` is the line that is typed."""

    DEFAULT_CSS = """
    ColumnChooser { display: none; height: auto; border-top: solid $surface; }
    ColumnChooser.open { display: block; }
    ColumnChooser Input { height: 1; border: none; padding: 0 1; background: $surface; }
    ColumnChooser OptionList:nocolor > .option-list--option-highlighted { text-style: bold underline; }
    ColumnChooser OptionList { height: auto; max-height: 9; border: none; padding: 0 1; }
    """

    class Chosen(Message):
        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self) -> None:
        super().__init__(id="chooser")
        self._names: tuple[str, ...] = ()
        self._shown: tuple[str, ...] = ()
        self._typed = ""

    def compose(self) -> ComposeResult:
        yield ColumnLine(placeholder="a column, or a path: type some of its letters", id="columns", does="add it")
        choices = OptionList(markup=False, compact=True)
        choices.can_focus = False
        yield choices

    def open(self, names: Sequence[str]) -> None:
        with self.app.batch_update():
            self.query_one(Input).value = self._typed = ""
            self._shown = ()
            self.offer(names)
            self.add_class("open")
            self.screen.set_focus(self.query_one(Input))

    def offer(self, names: Sequence[str]) -> None:
        """Other names, of which what is typed still narrows."""
        self._names = tuple(names)
        self._narrow(self.query_one(Input).value)

    def _narrow(self, typed: str) -> None:
        """The first choice is the best one; with more names from a worker the chosen one stays."""
        choices = self.query_one(OptionList)
        at, before = choices.highlighted, self._shown
        self._shown = narrowed(self._names, typed)[:_MOST_SHOWN]
        choices.clear_options()
        choices.add_options(Option(f"+ {safe(name)}") for name in self._shown)
        stays = at is not None and at < len(before) and self._shown[at : at + 1] == before[at : at + 1]
        choices.highlighted = at if stays else 0 if self._shown else None

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value != self._typed:
            self._typed = event.value
            self._narrow(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._choose(self.query_one(OptionList).highlighted)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._choose(event.option_index)

    def _choose(self, at: int | None) -> None:
        if at is not None and at < len(self._shown):
            self.post_message(self.Chosen(self._shown[at]))

    def move(self, step: int) -> None:
        choices = self.query_one(OptionList)
        if self._shown:
            choices.highlighted = max(0, min((choices.highlighted or 0) + step, len(self._shown) - 1))

    def on_key(self, event: events.Key) -> None:
        if event.key == "tab":
            event.stop()


def narrowed(names: Iterable[str], typed: str) -> tuple[str, ...]:
    """The names that have the typed characters in their order, case ignored: those with the whole text first."""
    wanted = typed.strip().removeprefix("~").casefold()
    found = [name for name in names if _is_in_order(wanted, name.casefold())]
    return tuple(sorted(found, key=lambda name: wanted not in name.casefold()))


def _is_in_order(wanted: str, text: str) -> bool:
    rest = iter(text)
    return all(letter in rest for letter in wanted)
