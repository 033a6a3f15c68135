"""The keys of a screen in one line, painted without widgets of their own: Textual's Footer mounts one for each key."""

from __future__ import annotations

from rich.text import Text
from textual import events
from textual.binding import Binding
from textual.screen import Screen
from textual.widget import Widget

from meshscope.tui.help_view import SWITCHED_OFF


class KeyLine(Widget):
    """What has no room is left out from the middle: the last key is the way out of the program."""

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
            text.append(key, style=style).append(f" {description}  ")
        text.rstrip()
        return text

    def _keys(self) -> list[tuple[str, str, str]]:
        """Each key as it is shown, what it does, and its name."""
        active = [each.binding for each in self.screen.active_bindings.values() if each.enabled and each.binding.show]
        shown = [binding for binding in active if binding.key != SWITCHED_OFF]
        keys = {(self._display(binding), binding.description): binding.key for binding in shown}  # `e,i` shown as `e`
        return [(*words, key) for words, key in keys.items()]

    def _display(self, binding: Binding) -> str:
        return binding.key_display or self.app.get_key_display(binding)

    def on_click(self, event: events.Click) -> None:
        """A click on a key presses it."""
        x = event.x - self.styles.padding.left
        for key, description, name in fitting(self._keys(), self.content_size.width):
            x -= len(key) + len(description) + 3
            if x < 0:
                self.app.simulate_key(name)
                return


def fitting(keys: list[tuple[str, str, str]], cells: int) -> list[tuple[str, str, str]]:
    """The keys that have room, the last one in any case."""
    room = cells + 2 - sum(len(part) for part in keys[-1][:2]) - 3 if keys else 0
    kept = []
    for key in keys[:-1]:
        room -= len(key[0]) + len(key[1]) + 3
        if room < 0:
            break
        kept.append(key)
    return [*kept, *keys[-1:]]
