"""The user's config file as a value: `meshscope/config.toml`. What its words mean is judged by who uses them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from meshscope.bounded_file import bounded_bytes
from meshscope.errors import UsageError
from meshscope.nearest import nearest

LONGEST = 1 << 20
"""Bytes of a config file; the sample with every setting has some thousand."""
_EXPECTED = {
    "from": "a source or a list of sources",
    "theme": "the name of a theme",
    "mouse": "true or false",
    "keys": "a table: the id of a binding = a key, or a list of keys",
    "columns": "a table: a kind = a list of titles of columns",
}
"""Setting -> what it is, for who wrote something else."""


class Config(Struct, frozen=True):
    """What the file says. `keys` is the id of a binding -> its keys, none switches it off; `columns` a kind -> titles.

    `file` is where it was read, "" for the defaults.
    """

    file: str = ""
    sources: tuple[str, ...] = ()
    theme: str = "auto"
    mouse: bool = True
    keys: dict[str, tuple[str, ...]] = {}
    columns: dict[str, tuple[str, ...]] = {}


def read_config(file: Path) -> Config:
    """Raises UsageError: unreadable, not TOML, an unknown setting, a value of another type."""
    try:
        text = bounded_bytes(file, LONGEST).decode()
        return config_of(tomllib.loads(text.replace("\r\n", "\n")), str(file))
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{file}: not TOML: it is not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        what, line = _place(str(error))
        raise UsageError(f"{file}{f':{line}' if line else ''}: not TOML: {what}") from None
    except RecursionError:
        raise UsageError(f"{file}: not TOML: nested too deeply") from None


def _place(words: str) -> tuple[str, str]:
    """`Invalid value (at line 3, column 5)` in its parts."""
    found = re.fullmatch(r"(.*?) \(at (?:line (\d+), column \d+|end of document)\)", words, re.DOTALL)
    return (found[1], found[2] or "") if found else (words, "")


def config_of(settings: dict[str, Any], file: str) -> Config:
    """The settings of a file that is TOML."""
    for name in settings:
        if name not in _EXPECTED:
            raise UsageError(f"{file}: no setting `{name}`{nearest(name, list(_EXPECTED))}")

    def read(name: str, form: Any, default: Any) -> Any:
        try:
            return msgspec.convert(settings.get(name, default), form)
        except msgspec.ValidationError:
            raise UsageError(f"{file}: `{name}` is {_EXPECTED[name]}") from None

    keys: dict[str, Any] = read("keys", dict[str, Any], {})
    return Config(
        file,
        _words(read("from", str | list[str], [])),
        read("theme", str, "auto"),
        read("mouse", bool, True),
        {ident: _keys(file, ident, value) for ident, value in _flat(keys)},
        read("columns", dict[str, tuple[str, ...]], {}),
    )


def _words(value: str | list[str]) -> tuple[str, ...]:
    return tuple(filter(None, [value] if isinstance(value, str) else value))


def _flat(table: dict[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """`table.sort = "s"` is a table in a table; the same id in quotes is one key."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield before + name, value


def _keys(file: str, ident: str, value: Any) -> tuple[str, ...]:
    try:
        return _words(msgspec.convert(value, str | list[str]))
    except msgspec.ValidationError:
        raise UsageError(f'{file}: `keys.{ident}` is a key, a list of keys, or "" for none') from None
