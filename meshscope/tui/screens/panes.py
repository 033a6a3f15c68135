"""Panes beside or below each other, of which the user makes one larger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from meshscope.tui.screens.page import Page

STEP = 1.25
"""What a key multiplies the weight of a pane by."""
LEAST = 0.15
"""The least share of a pane, and of all others together."""


class PanesPage(Page):
    """Below each other, and beside each other with the class `wide`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("less_than_sign", "resize(-1)", "pane smaller", key_display="<", show=False, id="pane.smaller"),
        Binding("greater_than_sign", "resize(1)", "pane larger", key_display=">", show=False, id="pane.larger"),
    ]

    _weights: Mapping[str, float] = {}
    """What the user chose; a new mapping with each key."""

    @property
    def panes(self) -> Mapping[str, float]:
        """Ids of the panes, and their weights until the user chooses others."""
        raise NotImplementedError

    def action_resize(self, direction: int) -> None:
        """Of the pane with the keys."""
        shown = [name for name in self.panes if self.query_one(f"#{name}").region]
        pane = next((name for name in map(_name, self._focused_nodes()) if name in shown), "")
        if not pane or len(shown) < 2:
            self.notice("there is no other pane beside this one")
            return
        weights = {**self.panes, **self._weights}
        chosen = weights[pane] * STEP**direction
        share = chosen / (chosen + sum(weights[name] for name in shown if name != pane))
        if LEAST <= share <= 1 - LEAST:
            self._weights = {**weights, pane: chosen}
            self._lay_panes()

    def _focused_nodes(self) -> list[Widget]:
        return [node for node in self.focused.ancestors_with_self if isinstance(node, Widget)] if self.focused else []

    def on_resize(self) -> None:
        """Behind that of the page itself, which says how the panes stand."""
        if self._weights:
            self._lay_panes()

    def _lay_panes(self) -> None:
        set_, cleared = ("width", "height") if self.has_class("wide") else ("height", "width")
        for name, weight in self._weights.items():
            styles = self.query_one(f"#{name}").styles
            styles.inline.clear_rule(cleared)
            setattr(styles, set_, f"{weight:.3f}fr")


def _name(widget: Widget) -> str:
    return widget.id or ""
