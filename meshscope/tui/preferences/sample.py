"""A config file with every setting and its default, made from the screens and kinds themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator

from textual.app import App

from meshscope.listing.registry import KINDS, kind_named
from meshscope.tui.preferences.keymap import KeyScreen, key_screens, word_of_key
from meshscope.tui.preferences.settings import HOME, default_titles, home_titles, theme_words

_HEAD = """\
# The settings of meshscope. A line that begins with # and a space explains; one without the space is a setting with its
# default: remove its # to change it.

# Where facts come from without --from and $MESHSCOPE_FROM: a source, or a list of sources.
#from = []
"""
_WIDEST = 116


def sample(app: type[App[None]]) -> Iterator[str]:
    """Its lines."""
    yield from _HEAD.splitlines()
    yield ""
    yield "# The colours of the browser; auto is dark, or the terminal's own where it has sixteen. One of:"
    yield from _wrapped(theme_words())
    yield '#theme = "auto"'
    yield ""
    yield "# Whether the browser takes the mouse; without it the terminal selects text as ever."
    yield "#mouse = true"
    yield ""
    yield '# What is bound to which key, or to which list of keys; "" is none. A key is a character, or a name such as'
    yield "# enter, space, f5, ctrl+d, shift+tab; shift+s is S."
    yield "[keys]"
    yield from _keys(key_screens(app))
    yield ""
    yield "# The columns of the browser's tables, in their order; + in a table shows which others there are."
    yield "[columns]"
    yield f"#{HOME} = {_list(home_titles())}"
    for name in KINDS:
        yield f"#{name} = {_list(default_titles(kind_named(name)))}"


def _keys(screens: tuple[KeyScreen, ...]) -> Iterator[str]:
    bound = {ident: each for screen in screens for bindings in screen.sets for ident, each in bindings.items()}
    lines = {ident: f"#{ident} = {_value(tuple(map(word_of_key, each.keys)))}" for ident, each in bound.items()}
    cells = max(map(len, lines.values()))
    room = ""
    for ident in sorted(bound, key=lambda ident: ident.partition(".")[0]):
        if ident.partition(".")[0] != room:
            yield from [""] if room else []
            room = ident.partition(".")[0]
        yield f"{lines[ident]:{cells}}  # {bound[ident].description}"


def _value(words: tuple[str, ...]) -> str:
    return _list(words) if len(words) != 1 else json.dumps(words[0], ensure_ascii=False)


def _list(words: tuple[str, ...]) -> str:
    """TOML's strings are JSON's."""
    return json.dumps(words, ensure_ascii=False)


def _wrapped(words: list[str]) -> Iterator[str]:
    line = "#"
    for word in words:
        if len(line) + len(word) > _WIDEST:
            yield line
            line = "#"
        line += f" {word}"
    yield line
