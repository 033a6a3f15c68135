"""The command line `:` of the browser: a line of words -> what to show. No widget in it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from msgspec import Struct

from meshscope.errors import UsageError
from meshscope.listing.registry import kind_named, words
from meshscope.listing.selection import Selection
from meshscope.mesh.mesh import Mesh
from meshscope.nearest import nearest
from meshscope.simulation.request import Request
from meshscope.snapshot.reading import DEMO
from meshscope.tui.session import Session
from meshscope.tui.tracing.request_line import request_of_line

_MOST_ENTRIES = 10_000
"""Of a folder that are looked at for completion."""
_QUOTED = frozenset(" \t'\"\\")
QUIT = ("q", "quit", "exit")
HOME = ("home",)
FROM = ("from",)
NAMESPACE = ("ns", "namespace")
ALL_NAMESPACES = "all"
TRACE = ("trace",)
SCOPE = ("scope",)
FIND = ("find",)
EFFECT = ("effect",)


class ShowList(Struct, frozen=True):
    kind: str
    selection: Selection


class ShowHome(Struct, frozen=True):
    """The mesh at a glance."""


class SwitchSources(Struct, frozen=True):
    """Look at something else."""

    sources: tuple[str, ...]


class SwitchNamespace(Struct, frozen=True):
    """List what is in a namespace alone; "" is all of them."""

    namespace: str


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


class ShowEffect(Struct, frozen=True):
    """Whether an object is in effect (`VirtualService default/reviews`); "" is all objects."""

    object: str


Command = ShowList | ShowHome | ShowSearch | ShowTrace | ShowScope | ShowEffect | SwitchSources | SwitchNamespace | Quit


def command_of(line: str, mesh: Mesh) -> Command:
    """Raises UsageError for a word that is no command and no kind, with the nearest ones."""
    try:
        parts = shlex.split(line)
    except ValueError as error:
        raise UsageError(str(error)) from None
    if not parts:
        raise UsageError("type a kind of resource (routes), home, or quit")
    word, *rest = parts
    for words_of_command, command in _COMMANDS:
        if word in words_of_command:
            return command(rest, mesh)
    return _list(word, rest, mesh)


def _quit(_rest: list[str], _mesh: Mesh) -> Quit:
    return Quit()


def _home(_rest: list[str], _mesh: Mesh) -> ShowHome:
    return ShowHome()


def _trace(rest: list[str], _mesh: Mesh) -> ShowTrace:
    return ShowTrace(request_of_line(shlex.join(rest)) if rest else None)


def _find(rest: list[str], _mesh: Mesh) -> ShowSearch:
    return ShowSearch(" ".join(rest))


def _effect(rest: list[str], mesh: Mesh) -> ShowEffect:
    if not rest:
        return ShowEffect("")
    if len(rest) > 2:
        raise UsageError("effect takes one object, as in: effect vs/reviews")
    from meshscope.effect.asked import object_asked  # the first frame does not wait for it
    from meshscope.tui.effect.questions import full_name

    return ShowEffect(full_name(object_asked(mesh, *rest)))


def _from(rest: list[str], _mesh: Mesh) -> SwitchSources:
    if not rest:
        raise UsageError("from takes a source, as in: from demo")
    return SwitchSources(tuple(os.path.expanduser(source) for source in rest))  # noqa: PTH111  # perhaps no path


def _scope(rest: list[str], mesh: Mesh) -> ShowScope:
    """A single proxy needs no name."""
    found = Selection(proxy=" ".join(rest)).proxies(mesh)  # raises for a proxy that does not exist
    if not found:
        raise UsageError("scope shows a proxy, and there is no proxy in this input")
    if len(found) > 1:
        raise UsageError(f"scope takes one proxy, as in: scope {found[0].name}")
    return ShowScope(found[0].name)


def _namespace(rest: list[str], mesh: Mesh) -> Command:
    """The word alone lists the namespaces, as any kind does."""
    if not rest:
        return _list("namespaces", rest, mesh)
    if len(rest) > 1:
        raise UsageError(f"ns takes one namespace, or {ALL_NAMESPACES}")
    known = namespaces(mesh)
    if rest[0] == ALL_NAMESPACES and ALL_NAMESPACES not in known:
        return SwitchNamespace("")
    if rest[0] not in known:
        raise UsageError(f"nothing is in a namespace {rest[0]!r}{nearest(rest[0], known)}")
    return SwitchNamespace(rest[0])


def namespaces(mesh: Mesh) -> list[str]:
    """Those of proxies and objects, sorted."""

    def found() -> list[str]:
        of_objects = (item.namespace for item in mesh.objects)
        return sorted({proxy.id.namespace for proxy in mesh.proxies} | set(of_objects) - {""})

    return mesh.derived("namespaces", found)


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


_COMMANDS: tuple[tuple[tuple[str, ...], Callable[[list[str], Mesh], Command]], ...] = (
    (QUIT, _quit),
    (HOME, _home),
    (TRACE, _trace),
    (SCOPE, _scope),
    (FIND, _find),
    (EFFECT, _effect),
    (FROM, _from),
    (NAMESPACE, _namespace),
)


def known() -> list[str]:
    """Every first word, for completion."""
    return sorted({*words(), "home", "quit", "ns", *FROM, *FIND, *TRACE, *SCOPE, *EFFECT})


def completions(line: str, session: Session) -> Iterator[str]:
    """The whole lines that a beginning of one may become."""
    head, blank, last = line.rpartition(" ")
    options = known() if not blank else _options(head.split(" ")[0], last, session)
    yield from (f"{head}{blank}{option}" for option in options if option.startswith(last) and option != last)


def _options(word: str, last: str, session: Session) -> Iterable[str]:
    """What may follow a word; `last` is the beginning of it."""
    if word in FROM:
        return (DEMO, *(f"k8s:{name}" for name in session.contexts()), *_paths(last))
    if word in NAMESPACE:
        return (*namespaces(session.mesh), ALL_NAMESPACES)
    if word in EFFECT:
        from meshscope.tui.effect.completing import objects_like  # only when somebody types one

        return objects_like(session.mesh, last)
    return [proxy.name for proxy in Selection(namespace=session.namespace).proxies(session.mesh)]


def _paths(beginning: str) -> Iterator[str]:
    """Files and folders with a beginning, folders first with a slash at their end; not those that the line would have to quote.

    None where the folder cannot be read.
    """
    folder, slash, name = beginning.rpartition("/")
    try:
        with os.scandir(os.path.expanduser(folder + slash) or ".") as entries:  # noqa: PTH111  # a beginning, no path
            found = sorted(
                (not entry.is_dir(), entry.name)
                for entry in islice(entries, _MOST_ENTRIES)
                if entry.name.startswith(name)
            )
    except (OSError, ValueError):
        return
    for is_file, each in found:
        if (name or not each.startswith(".")) and not _QUOTED.intersection(each):
            yield f"{folder}{slash}{each}" if is_file else f"{folder}{slash}{each}/"
