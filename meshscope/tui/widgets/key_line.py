"""The keys of a screen in one line, painted without widgets of their own: Textual's Footer mounts one for each key."""

from __future__ import annotations

from rich.text import Text
from textual import events
from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget

from meshscope.tui.help_view import SWITCHED_OFF, word_of
from meshscope.tui.widgets.typed_line import TypedLine

GAP = 2
_FIRST = ("enter", "escape")
_LAST = ("app.help", "app.quit")
STAY = len(_LAST)


class KeyLine(Widget):
    """What has no room is left out, the keys that all screens have first; the way to all keys and the way out stay."""

    COMPONENT_CLASSES = {"keys--key"}
    DEFAULT_CSS = """
    KeyLine { height: 1; padding: 0 1; color: $text-muted; background: $surface; }
    KeyLine > .keys--key { color: $text-accent; text-style: bold; background: $surface; }
    """

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)

    def _bindings_changed(self, _screen: Screen[object]) -> None:
        self.refresh()

    def render(self) -> Text:
        style = self.get_component_rich_style("keys--key", partial=True)
        text = Text()
        for key, description, _ in fitting(self._keys(), self.content_size.width):
            text.append(key, style=style).append(f" {description}{' ' * GAP}")
        text.rstrip()
        return text

    def _keys(self) -> list[tuple[str, str, str]]:
        """Each key as it is shown, what it does, and its name. While one types, those of the line, and the way out of it."""
        focused, active = self.screen.focused, self.screen.active_bindings.values()
        shown = [each for each in active if each.enabled and each.binding.show and each.binding.key != SWITCHED_OFF]
        shown.sort(key=lambda each: _rank(each.binding, word_of(type(self.screen))))
        first: list[tuple[str, str, str]] = []
        if isinstance(focused, TypedLine):
            first = [("⏎", focused.does, "enter")]
            shown = [each for each in shown if each.binding.key == "escape" or not _is_of_all(each.node)]
            shown.sort(key=lambda each: each.binding.key == "escape")
        # `e,i` are shown as `e`
        keys = {(self._display(each.binding), each.binding.description): each.binding.key for each in shown}
        return [*first, *((*words, key) for words, key in keys.items())]

    def _display(self, binding: Binding) -> str:
        return binding.key_display or self.app.get_key_display(binding)

    def on_click(self, event: events.Click) -> None:
        """A click on a key presses it."""
        x = event.x - self.styles.padding.left
        for key, description, name in fitting(self._keys(), self.content_size.width):
            x -= _cells((key, description, name))
            if x < 0:
                self.app.simulate_key(name)
                return


def _is_of_all(node: DOMNode) -> bool:
    """Whether a binding is of the screen or the program, which do not have the keys while one types."""
    return isinstance(node, (Screen, App))


def _rank(binding: Binding, word: str) -> int:
    """How early a key stands: first to open and to go back, then what this screen alone is for, then what others do too."""
    if binding.key in _FIRST:
        return 0
    if binding.id in _LAST:
        return 3 + _LAST.index(binding.id)
    is_own = bool(binding.id) and str(binding.id).startswith(f"{word}.") and binding.key != "tab"
    return 1 if is_own else 2


def fitting(keys: list[tuple[str, str, str]], cells: int) -> list[tuple[str, str, str]]:
    """The first keys that have room, the last ones in any case."""
    room = cells + GAP - sum(map(_cells, keys[-STAY:]))
    kept = []
    for key in keys[:-STAY]:
        room -= _cells(key)
        if room < 0:
            break
        kept.append(key)
    return [*kept, *keys[-STAY:]]


def _cells(key: tuple[str, str, str]) -> int:
    return len(key[0]) + 1 + len(key[1]) + GAP
