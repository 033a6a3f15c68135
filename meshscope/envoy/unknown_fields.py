"""Fields of a bootstrap file that its message does not have: misspelt, or at another level. Envoy refuses such a file.

Which fields there are is in `known_fields.txt`, which `scripts/make_known_fields.py` reads out of an Envoy. Extensions that are
not in it, or whose type is not written (API v2), are not looked into. Updates by xDS may have unknown fields, and what an Envoy
itself dumps has none.
https://www.envoyproxy.io/docs/envoy/latest/operations/cli#cmdoption-allow-unknown-static-fields
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources

import msgspec
from msgspec import Struct
from msgspec.json import encode

from meshscope.envoy.dump import Dump
from meshscope.envoy.resource import BOOTSTRAP, CLUSTER, LISTENER, SECRET, Resource
from meshscope.location import Location
from meshscope.path import Path, path_text
from meshscope.untyped import untyped

_MESSAGES = {
    LISTENER: "envoy.config.listener.v3.Listener",
    CLUSTER: "envoy.config.cluster.v3.Cluster",
    SECRET: "envoy.extensions.transport_sockets.tls.v3.Secret",
    BOOTSTRAP: "envoy.config.bootstrap.v3.Bootstrap",
}
_STATICS = ("listeners", "clusters", "secrets")
"""Lists of a bootstrap whose items are resources of their own."""


class UnknownField(Struct, frozen=True):
    """`message` has no field `name`; `belongs_to` is a neighbour in the file that has one of that name, "" for none."""

    name: str
    message: str
    path: str
    belongs_to: str
    location: Location

    @property
    def fault(self) -> str:
        """In words, without the place."""
        hint = f" ({self.belongs_to} has)" if self.belongs_to else ""
        return f"{self.message} has no field {self.name}{hint}"


def unknown_fields(dump: Dump) -> Iterator[UnknownField]:
    """Those of a bootstrap file; none of any other document."""
    if dump.has_sections or not dump.of_kind(BOOTSTRAP):
        return
    for resource in dump.resources:
        if message := _MESSAGES.get(resource.kind):
            yield from _in_resource(resource, message)


def _in_resource(resource: Resource, message: str) -> Iterator[UnknownField]:
    try:
        body = untyped(resource.canonical())
    except msgspec.DecodeError:
        return  # it does not read, which is a problem of its own
    if not isinstance(body, dict):
        return
    if resource.kind == BOOTSTRAP and isinstance(statics := body.get("static_resources"), dict):
        body["static_resources"] = {key: value for key, value in statics.items() if key not in _STATICS}
    for path, name, owner in _in_message(body, message, (), bytes(resource.raw)):
        short = owner.rpartition(".")[2]
        known = known_messages()[owner]
        neighbour = next(
            (one for one in known.values() if one and name in known_messages().get(one.lstrip("*"), ())), ""
        )
        belongs_to = neighbour.lstrip("*").rpartition(".")[2]
        where = resource.location.below((*path, name))
        shown = path_text((*resource.location.path, *path, name))
        yield UnknownField(name, short, shown, belongs_to, where)


def first_unknown(body: Mapping[str, object], message: str) -> str:
    """The dotted path of a field that a body in canonical spelling has and its message has not; "" for none."""
    return next((path_text((*path, name)) for path, name, _ in _in_message(body, message, (), encode(body))), "")


def _in_message(
    body: Mapping[str, object], message: str, path: Path, written: bytes
) -> Iterator[tuple[Path, str, str]]:
    """The path of the message, the field and the message's full name, for each field that it does not have."""
    if "@type" in body:
        message = str(body["@type"]).rpartition("/")[2]
        if message.encode() not in written:
            return
    if (known := known_messages().get(message)) is None:
        return
    for name, value in body.items():
        if name.startswith("@"):
            continue
        if name not in known:
            yield path, name, message
            continue
        holds = known[name]
        is_map = holds.startswith("*")
        for at, item in _items(value, is_map=is_map):
            if isinstance(item, dict) and (holds or "@type" in item):
                yield from _in_message(item, holds.lstrip("*"), (*path, name, *at), written)


def _items(value: object, *, is_map: bool) -> Iterator[tuple[tuple[str | int, ...], object]]:
    if isinstance(value, list):
        yield from (((index,), item) for index, item in enumerate(value))
    elif is_map and isinstance(value, dict):
        yield from (((key,), item) for key, item in value.items())
    else:
        yield (), value


@cache
def known_messages() -> dict[str, dict[str, str]]:
    """By message the fields with the message that each holds, "" for a plain value, `*` before the values of a map."""
    text = resources.files(__package__).joinpath("known_fields.txt").read_text("ascii")
    found = {}
    for line in text.splitlines():
        message, *fields = line.split(" ")
        pairs = (field.removeprefix("-").partition(">") for field in fields)
        found[message] = {name: holds for name, _, holds in pairs}
    return found


class Merged(Struct, frozen=True):
    """What a merge of two messages of a type has to know: fields of which a message has one at most, and names of zeros."""

    oneofs: tuple[frozenset[str], ...] = ()
    zeros: dict[str, str] = {}


@cache
def merged_messages() -> dict[str, Merged]:
    """By message; one without oneofs and enumerations is not in it."""
    text = resources.files(__package__).joinpath("merged_fields.txt").read_text("ascii")
    found = {}
    for line in text.splitlines():
        message, *words = line.split(" ")
        oneofs = tuple(frozenset(word.split("|")) for word in words if "=" not in word)
        pairs = (word.partition("=") for word in words if "=" in word)
        found[message] = Merged(oneofs, {field: zero for field, _, zero in pairs})
    return found
