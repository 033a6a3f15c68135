"""A request as a line of words, those of `meshscope trace`: read, written, completed. No widget in it."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from msgspec import Struct

from meshscope.errors import UsageError
from meshscope.listing.request_words import headers, urls
from meshscope.mesh.mesh import Mesh
from meshscope.nearest import nearest
from meshscope.simulation.hints import Hint
from meshscope.simulation.journey.field_error import FieldError
from meshscope.simulation.journey.words import Words, request_of
from meshscope.simulation.request import Request

OPTIONS = {
    "method": ("-X", "--method"),
    "headers": ("-H", "--header"),
    "authority": ("--host",),
    "to": ("--to",),
    "sni": ("--sni",),
    "alpn": ("--alpn",),
    "protocol": ("--protocol",),
    "source_ip": ("--source-ip",),
    "source_port": ("--source-port",),
    "direct_source_ip": ("--direct-source-ip",),
    "principal": ("--principal",),
    "client_cert": ("--client-cert",),
    "jwt": ("--jwt",),
    "random": ("--random",),
    "listener": ("--listener",),
    "route_config": ("--route-config",),
    "curl": ("--curl",),
    "tls": ("--tls", "--no-tls"),
}
"""A field of Words -> the options that set it, as on the command line."""

_FIELDS = {option: field for field, options in OPTIONS.items() for option in options}
_FLAGS = {"--client-cert": True, "--tls": True, "--no-tls": False}
_NUMBERS = ("source_port", "random")
_REPEATABLE = ("headers", "jwt")
_MAY_BE_EMPTY = ("authority", "sni")


class _Option(Struct, frozen=True):
    field: str
    value: str | int | bool


def request_of_line(line: str) -> Request:
    """Raises UsageError for words that are no request."""
    try:
        return request_of(_words(line))
    except FieldError as error:
        raise UsageError(error.spelled(option_of)) from None


def _words(line: str) -> Words:
    try:
        words = shlex.split(line)
    except ValueError:
        raise UsageError("a quotation mark is not closed") from None
    places = []
    fields: dict[str, str | int | bool | None] = {}
    several: dict[str, tuple[str, ...]] = {}
    rest = iter(words)
    for word in rest:
        if not word.startswith("-"):
            places.append(word)
            continue
        option = _option(word, rest)
        if option.field in _REPEATABLE:
            several[option.field] = (*several.get(option.field, ()), str(option.value))
        else:
            fields[option.field] = option.value
    if not places and not fields.keys() & {"to", "curl"}:
        raise UsageError("type who sends and where to: productpage reviews")
    return Words(places=tuple(places), **several, **fields)  # type: ignore[arg-type]  # OPTIONS are its fields


def _option(word: str, rest: Iterator[str]) -> _Option:
    name, equals, value = word.partition("=") if word.startswith("--") else (word[:2], word[2:], word[2:])
    field = _FIELDS.get(name)
    if field is None:
        raise UsageError(f"no option {name}{nearest(name, list(_FIELDS))}")
    if name in _FLAGS:
        return _Option(field, _FLAGS[name])
    text = value if equals else next(rest, None)
    if text is None:
        raise UsageError(f"{name} needs a value")
    if field not in _NUMBERS:
        return _Option(field, text)
    try:
        return _Option(field, int(text))
    except ValueError:
        raise UsageError(f"{name} is a number, not {text!r}") from None


def line_of(request: Request) -> str:
    """The words that mean the request. Fields that no word sets (`path`, `runtime` …) are left out."""
    return " ".join(shlex.quote(word) for word in _words_of(request))


def command_of(line: str, sources: Iterable[str]) -> str:
    """The line of a shell that asks the same."""
    given = " ".join(f"--from {shlex.quote(source)}" for source in sources)
    return " ".join(filter(None, ("meshscope trace", given, line.strip())))


def _words_of(request: Request) -> Iterator[str]:
    yield from filter(None, (request.source, request.dest))
    for field in OPTIONS:
        yield from _option_words(field, getattr(request, field, None))


def _option_words(field: str, value: Any) -> Iterator[str]:
    """A field of Request; nothing for None, an empty text, no headers."""
    option = option_of(field)
    if field == "headers":
        for name, text in value:
            yield from (option, f"{name}: {text}")
    elif field == "jwt":
        for claim, content in (value or {}).items():
            yield from (option, f"{claim}={msgspec.json.encode(content).decode()}")
    elif field == "tls":
        yield from () if value is None else ("--tls" if value else "--no-tls",)
    elif field == "client_cert":
        yield from (option,) if value else ()
    elif field == "alpn":
        yield from (option, ",".join(value)) if value else ()
    elif value is not None and (value != "" or field in _MAY_BE_EMPTY):
        yield from (option, str(value))


def option_of(field: str) -> str:
    return OPTIONS.get(field, (field,))[0]


def hint_text(hint: Hint) -> str:
    """What to type, as `--to IP:PORT` or `-H 'x-request-id: VALUE'`."""
    example = f"'{hint.example}'" if " " in hint.example else hint.example
    return f"{' or '.join(map(option_of, hint.fields))} {example}".rstrip()


def known_words(mesh: Mesh) -> tuple[str, ...]:
    """Sources and destinations that the mesh has: workloads, services, pods, URLs with the paths of routes; then options and
    the headers that routes ask for.
    """
    words: dict[str, None] = {}
    words.update((proxy.workload, None) for proxy in mesh.proxies if proxy.workload)
    words.update((service.name, None) for service in mesh.network.services)
    words.update(dict.fromkeys(urls(mesh, mesh.proxies)))
    words.update((proxy.name, None) for proxy in mesh.proxies)
    words.update(dict.fromkeys(_FIELDS))
    words.update((f"'{header}'", None) for header in headers(mesh.proxies))
    return tuple(word for word in words if word.isprintable())


def completed(line: str, known: Iterable[str]) -> str | None:
    """The line with its last word completed; None where no known word begins so."""
    head, blank, last = line.rpartition(" ")
    if line.count("'") % 2:  # a header has blanks in it
        head, quote, last = line.rpartition("'")
        blank, last = "", quote + last
    if not last:
        return None
    word = next((word for word in known if word.startswith(last) and word != last), None)
    return None if word is None else f"{head}{blank}{word}"
