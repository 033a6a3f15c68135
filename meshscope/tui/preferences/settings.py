"""What the user set for the browser, checked: one immutable value."""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from textual.app import App
from textual.theme import BUILTIN_THEMES

from meshscope.config import Config
from meshscope.errors import UsageError
from meshscope.listing.column import Column
from meshscope.listing.kind import Kind
from meshscope.listing.registry import kind_named
from meshscope.nearest import nearest

AUTO, HOME = "auto", "home"
_THEMES = {"light": "textual-light", "dark": "textual-dark"}


class Settings(Struct, frozen=True):
    """`theme` is Textual's name, "" where the terminal decides. `keymap` is a binding's id -> keys, only what was changed;
    `columns` a kind, or `home` -> the titles of its columns in their order, likewise.
    """

    theme: str = ""
    mouse: bool = True
    keymap: dict[str, str] = {}
    columns: dict[str, tuple[str, ...]] = {}
    is_ascii: bool = False
    """Whether the terminal has no other glyphs. It says so itself: it is no setting."""


DEFAULTS = Settings()


def theme_words() -> list[str]:
    return [AUTO, *_THEMES, *sorted(BUILTIN_THEMES)]


def theme_of(word: str) -> str:
    """Textual's name of a theme, "" for `auto`. Raises UsageError."""
    if word not in theme_words():
        raise UsageError(f"no theme {word!r}{nearest(word, theme_words())}")
    return "" if word == AUTO else _THEMES.get(word, word)


def settings_of(config: Config, app: type[App[None]]) -> Settings:
    """Raises UsageError, with the file: an unknown theme, binding, key, kind or column; two bindings on one key."""
    try:
        return Settings(theme_of(config.theme), config.mouse, _keymap(config, app), _columns(config))
    except UsageError as error:
        raise UsageError(f"{config.file}: {error}") from None


def _keymap(config: Config, app: type[App[None]]) -> dict[str, str]:
    if not config.keys:
        return {}
    from meshscope.tui.preferences.keymap import key_screens, keymap_of  # imports every screen

    return keymap_of(config.keys, key_screens(app))


def _columns(config: Config) -> dict[str, tuple[str, ...]]:
    chosen: dict[str, tuple[str, ...]] = {}
    for word, titles in config.columns.items():
        try:
            name, known, _ = _table(word)
        except UsageError as error:
            raise UsageError(f"`columns.{word}`: {error}") from None
        for title in titles:
            if title not in known:
                raise UsageError(f"`columns.{word}`: no column {title!r}{nearest(title, known)}")
            if titles.count(title) > 1:
                raise UsageError(f"`columns.{word}`: {title} is there twice")
        if not titles:
            raise UsageError(f"`columns.{word}`: names no column")
        if name in chosen:
            raise UsageError(f"`columns.{word}`: {name} are there twice")
        chosen[name] = titles
    return {name: titles for name, titles in chosen.items() if titles != _table(name)[2]}


def _table(word: str) -> tuple[str, list[str], tuple[str, ...]]:
    """The name of a table, the titles that it has, and those that are shown at first. Raises UsageError."""
    if word == HOME:
        return HOME, [column.title for column in _home_columns()], home_titles()
    kind = kind_named(word)
    return kind.name, [column.title for column in kind.columns], default_titles(kind)


def home_titles() -> tuple[str, ...]:
    """The columns of Home behind the one of states, which stays the first."""
    return tuple(column.title for column in _home_columns() if not column.wide)


def _home_columns() -> list[Column[Any]]:
    from meshscope.listing.home import PROXY_COLUMNS  # only for a file that sets them

    return [column for column in PROXY_COLUMNS if column.title.strip()]


def default_titles(kind: Kind[Any]) -> tuple[str, ...]:
    """The columns of a kind that are shown without a config file."""
    return tuple(column.title for column in kind.columns if not column.wide)
