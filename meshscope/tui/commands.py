"""The command line `:` of the browser: a line of words -> what to show. No widget in it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from msgspec import Struct

from meshscope.errors import UsageError
from meshscope.listing.registry import kind_named, words
from meshscope.listing.selection import Selection
from meshscope.mesh.mesh import Mesh
from meshscope.nearest import nearest
from meshscope.simulation.request import Request
from meshscope.tui.request_line import request_of_line

QUIT = ("q", "quit", "exit")
HOME = ("home",)
TRACE = ("trace",)
SCOPE = ("scope",)
FIND = ("find",)


class ShowList(Struct, frozen=True):
    kind: str
    selection: Selection


class ShowHome(Struct, frozen=True):
    """The mesh at a glance."""


class Quit(Struct, frozen=True):
    """Leave the browser."""


class ShowTrace(Struct, frozen=True):
    """Follow a request; None asks for one."""

    request: Request | None


class ShowScope(Struct, frozen=True):
    proxy: str


class ShowSearch(Struct, frozen=True):
    """Everything that mentions a text."""

    text: str


Command = ShowList | ShowHome | ShowSearch | ShowTrace | ShowScope | Quit


def command_of(line: str, mesh: Mesh) -> Command:
    """Raises UsageError for a word that is no command and no kind, with the nearest ones."""
    try:
        parts = shlex.split(line)
    except ValueError as error:
        raise UsageError(str(error)) from None
    if not parts:
        raise UsageError("type a kind of resource (routes), home, or quit")
    word, *rest = parts
    if word in QUIT:
        return Quit()
    if word in HOME:
        return ShowHome()
    if word in TRACE:
        return ShowTrace(request_of_line(shlex.join(rest)) if rest else None)
    if word in SCOPE:
        return _scope(rest, mesh)
    if word in FIND:
        return ShowSearch(" ".join(rest))
    return _list(word, rest, mesh)


def _scope(rest: list[str], mesh: Mesh) -> ShowScope:
    """A single proxy needs no name."""
    found = Selection(proxy=" ".join(rest)).proxies(mesh)  # raises for a proxy that does not exist
    if not found:
        raise UsageError("scope shows a proxy, and there is no proxy in this input")
    if len(found) > 1:
        raise UsageError(f"scope takes one proxy, as in: scope {found[0].name}")
    return ShowScope(found[0].name)


def _list(word: str, rest: list[str], mesh: Mesh) -> ShowList:
    try:
        kind = kind_named(word, mesh)
    except UsageError:
        raise UsageError(f"no command or kind {word!r}{nearest(word, known())}") from None
    if len(rest) > 1:
        raise UsageError(f"{word} takes one name at most: a proxy, or a namespace")
    selection = Selection()
    if rest:
        selection = Selection(proxy=rest[0]) if kind.is_per_proxy else Selection(namespace=rest[0])
        selection.proxies(mesh)  # raises for a proxy that does not exist
    return ShowList(kind.name, selection)


def known() -> list[str]:
    """Every first word, for completion."""
    return sorted({*words(), "home", "quit", *FIND, *TRACE, *SCOPE})


def completions(line: str, mesh: Mesh) -> Iterator[str]:
    """The whole lines that a beginning of one may become."""
    head, blank, last = line.rpartition(" ")
    options = known() if not blank else [proxy.name for proxy in mesh.proxies]
    yield from (f"{head}{blank}{option}" for option in options if option.startswith(last) and option != last)
