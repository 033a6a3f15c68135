"""The keys of all screens: which bindings there are, which a user may remap to what, and which would shadow each other."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules
from unicodedata import lookup
from unicodedata import name as unicode_name

from msgspec import Struct
from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import KEY_ALIASES, KEY_NAME_REPLACEMENTS, KEY_TO_UNICODE_NAME, REPLACED_KEYS, Keys
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.widgets import Input

from meshscope.errors import UsageError
from meshscope.nearest import near_words, nearest
from meshscope.tui import screens
from meshscope.tui.help_view import SWITCHED_OFF, word_of


class Bound(Struct, frozen=True):
    """A binding as it is without a config file."""

    keys: tuple[str, ...]
    description: str


Bindings = dict[str, Bound]
"""Id -> what is bound to it."""


class KeyScreen(Struct, frozen=True):
    """A screen by its word, and what is bound there at once: for each widget that may have the focus one set."""

    word: str
    sets: tuple[Bindings, ...]


def key_screens(app: type[DOMNode]) -> tuple[KeyScreen, ...]:
    """Every screen of the browser, the app's own bindings in each of them that is not modal."""
    return tuple(
        KeyScreen(word_of(screen), tuple(_sets(screen, app))) for screen in sorted(_screens(), key=lambda s: s.__name__)
    )


def _screens() -> set[type[Screen[object]]]:
    """The screens that are shown: those that no other one is made from."""
    for module in iter_modules(screens.__path__):
        import_module(f"{screens.__name__}.{module.name}")
    every = {
        value
        for name, module in list(sys.modules.items())
        if name.startswith(f"{screens.__name__}.")
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Screen) and value.__module__ == name
    }
    return every - {base for screen in every for base in screen.__mro__[1:]}


def _sets(screen: type[DOMNode], app: type[DOMNode]) -> Iterator[Bindings]:
    """What a modal screen has below it does not count; what is typed into a line of input is text there."""
    around = _bound(screen) if issubclass(screen, ModalScreen) else {**_bound(app), **_bound(screen)}
    yield around
    for widget in _widgets(screen):
        yield _bound(widget) if issubclass(widget, Input) else {**around, **_bound(widget)}


def _widgets(screen: type[DOMNode]) -> set[type[Widget]]:
    """The project's own widgets that a screen, or a base of it, imports."""
    named = (vars(sys.modules[base.__module__]).values() for base in screen.__mro__ if _is_own(base))
    return {
        value
        for values in named
        for value in values
        if isinstance(value, type) and issubclass(value, Widget) and "BINDINGS" in vars(value) and _is_own(value)
        if not issubclass(value, Screen)
    }


def _is_own(node: type[object]) -> bool:
    return node.__module__.startswith("meshscope.")


def _bound(node: type[DOMNode]) -> Bindings:
    """A key that a class binds anew is no longer its base's."""
    by_key: dict[str, Binding] = {}
    for base in reversed(node.__mro__):
        if _is_own(base):
            by_key |= {binding.key: binding for binding in Binding.make_bindings(vars(base).get("BINDINGS", ()))}
    bound: Bindings = {}
    for key, binding in by_key.items():
        if binding.id:
            before = bound[binding.id].keys if binding.id in bound else ()
            bound[binding.id] = Bound((*before, key), binding.description)
    return bound


# --- keys as a user writes them --------------------------------------------------------------------------------------

_NAMES = frozenset(key.value for key in Keys if not key.value.startswith("<"))
_MODIFIERS = frozenset({"ctrl", "alt", "shift", "super", "hyper", "meta"})
_MAIN = {alias: key for key, aliases in KEY_ALIASES.items() for alias in aliases}


def key_of(word: str) -> str:
    """Textual's name of `?`, `ctrl+d`, `f5`, `question_mark`; a dash joins as well as a plus. Raises ValueError with the
    reason. A terminal sends a letter with shift as a capital.

    >>> key_of("?"), key_of("ctrl+d"), key_of("shift-s")
    ('question_mark', 'ctrl+d', 'S')
    """
    *modifiers, last = [word] if len(word) == 1 else re.split(r"\+|(?<=\w)-(?=.)", word)
    if modifiers == ["shift"] and len(last) == 1 and last.isalpha():
        return last.upper()
    try:
        name = _name_of(last) if len(last) == 1 else last
    except ValueError:
        name = ""
    if not set(modifiers) <= _MODIFIERS or not (_is_name(name) if len(last) > 1 else name):
        raise ValueError(f"no key {word!r}{_nearest_key(word)}")
    key = "+".join((*modifiers, name))
    return _MAIN.get(key, key)


def _nearest_key(word: str) -> str:
    near = near_words(word, sorted(_NAMES | {*KEY_TO_UNICODE_NAME, *REPLACED_KEYS} - {*REPLACED_KEYS.values()}))
    return f"; did you mean {', '.join(near)}?" if near else "; a key is a character, or a name such as f5 or ctrl+d"


def _is_name(name: str) -> bool:
    return name in _NAMES or bool(_character_of(name))


def _name_of(character: str) -> str:
    """Raises ValueError for a character without a name."""
    if character.isalnum():
        return character
    name = unicode_name(character).lower().replace("-", "_").replace(" ", "_")
    return KEY_NAME_REPLACEMENTS.get(name, name)


def _character_of(name: str) -> str:
    """The character that has a name, "" where none has or none can be seen."""
    given = REPLACED_KEYS.get(name, name)
    try:
        character = name if len(name) == 1 else lookup(KEY_TO_UNICODE_NAME.get(given, given.replace("_", " ")))
        return character if character.isprintable() and character != " " and _name_of(character) == name else ""
    except (KeyError, ValueError):
        return ""


def word_of_key(key: str) -> str:
    """A key as a user writes it: the character where it has one that can be seen."""
    return _character_of(key) or key


# --- a keymap --------------------------------------------------------------------------------------------------------


def keymap_of(keys: Mapping[str, tuple[str, ...]], shown: tuple[KeyScreen, ...]) -> dict[str, str]:
    """What Textual's `set_keymap` takes, without what is so anyway. Raises UsageError: the setting, and what is wrong."""
    known = {ident: bound.keys for screen in shown for bindings in screen.sets for ident, bound in bindings.items()}
    changed = {}
    for ident, words in keys.items():
        if ident not in known:
            raise UsageError(f"`keys.{ident}`: no such binding{nearest(ident, sorted(known))}")
        try:
            chosen = tuple(dict.fromkeys(map(key_of, words)))
        except ValueError as error:
            raise UsageError(f"`keys.{ident}`: {error}") from None
        if set(chosen) != set(known[ident]):
            changed[ident] = chosen
    for screen in shown:
        for bindings in screen.sets:
            _check(screen.word, bindings, changed)
    return {ident: ",".join(chosen) or SWITCHED_OFF for ident, chosen in changed.items()}


def _check(word: str, bindings: Bindings, changed: Mapping[str, tuple[str, ...]]) -> None:
    """Two bindings with one key are a conflict where one of them was remapped."""
    by_key: dict[str, str] = {}
    for ident, bound in bindings.items():
        for key in changed.get(ident, bound.keys):
            other = by_key.setdefault(key, ident)
            if other != ident and (ident in changed or other in changed):
                raise UsageError(f"`keys`: {word_of_key(key)} is both {other} and {ident} on the screen {word}")
