"""HTML in which every text is escaped, because only `element` makes markup and it escapes what is not markup yet."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from meshscope.render.text import safe

_EMPTY = frozenset({"br", "meta", "rect"})
"""Elements without content; those of SVG close themselves."""


class Markup(str):
    """A text that is HTML already."""

    __slots__ = ()


NOTHING, SPACE, WIDE, BREAK = map(Markup, ("", " ", "  ", "\n"))


def escaped(text: str) -> Markup:
    """A name from a dump as text of the page: markup in it, control and bidirectional characters are shown, never obeyed."""
    return text if isinstance(text, Markup) else Markup(escape(safe(text)))


def element(tag: str, /, *children: str, **attributes: str | int) -> Markup:
    """`element("td", "a<b", class_="mark")`. Attributes are words of ours alone: a name from a dump is never one.

    An underscore stands for a hyphen, one at the end for nothing; an attribute that is "" is left out.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for key, value in attributes.items()
        if value != ""
    )
    if tag in _EMPTY:
        return Markup(f"<{tag}{written}/>")
    return Markup(f"<{tag}{written}>{joined(children)}</{tag}>")


def joined(children: Iterable[str], between: Markup = NOTHING) -> Markup:
    return Markup(between.join(map(escaped, children)))
