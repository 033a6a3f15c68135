"""Bookmarks, and the way back to what one left: what a screen does with places."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.timer import Timer

from meshscope.tui.marks import Place, is_mark
from meshscope.tui.screens.closing import ClosingScreen
from meshscope.tui.session import Session

LIST_AFTER = 0.3
"""Seconds after `m` or `'` without a letter before the marks are listed."""


class MarkedScreen(ClosingScreen):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "mark", "mark this place", show=False, id="page.mark"),
        Binding("apostrophe", "marks", "go to a mark", key_display="'", show=False, id="page.marks"),
        Binding("right_square_bracket", "forward", "forward again", key_display="]", show=False, id="page.forward"),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._then: Callable[[str | None], None] | None = None  # what the next key, a mark, is for
        self._pause_of_mark: Timer | None = None

    def trouble(self, text: str) -> None:
        """Says what is wrong."""
        raise NotImplementedError

    def notice(self, text: str) -> None:
        """Says what was done."""
        raise NotImplementedError

    def leave_place(self) -> None:
        """The user goes back from here."""
        if place := self.place():
            self.session.left.append(place)

    @property
    def awaits_mark(self) -> bool:
        """Whether the next key is the letter of a mark."""
        return self._then is not None

    def place(self) -> Place | None:
        """Where the user is, to be marked; None where nothing opens it again."""
        return None

    def action_mark(self) -> None:
        if self.place() is None:
            self.trouble("this place cannot be marked: nothing is chosen in it yet")
        else:
            self._await_mark(self._mark, is_setting=True)

    def action_marks(self) -> None:
        self._await_mark(self._go_to_mark, is_setting=False)

    def _await_mark(self, then: Callable[[str | None], None], *, is_setting: bool) -> None:
        """The next key is the letter; after a pause the marks are listed."""
        self._then = then
        self._pause_of_mark = self.set_timer(LIST_AFTER, partial(self._list_marks, is_setting=is_setting))

    def _list_marks(self, *, is_setting: bool) -> None:
        from meshscope.tui.screens.marks import MarksScreen  # the first frame does not wait for it

        then, self._then = self._then, None
        if then and self.is_current:
            self.app.push_screen(MarksScreen(self.session.marks, is_setting=is_setting), then)

    def take_mark(self, event: events.Key) -> None:
        then, self._then = self._then, None
        if self._pause_of_mark:
            self._pause_of_mark.stop()
        event.stop()
        if then and is_mark(event.character):
            then(event.character)

    def _mark(self, letter: str | None) -> None:
        if letter and (place := self.place()):
            self.session.marks[letter] = place
            self.notice(f"' {letter} comes back to {place.title}")

    def _go_to_mark(self, letter: str | None) -> None:
        if letter in self.session.marks:
            self.post_message(self.session.marks[letter].message())
        elif letter:
            self.trouble(f"no mark {letter}; ' alone lists them")

    def action_forward(self) -> None:
        """Opens again what the user went back from last."""
        if self.session.left:
            self.post_message(self.session.left.pop().message())
        else:
            self.notice("nothing that you went back from")
