"""`--redact` and `--anonymize`: what is done to a snapshot, and to requests of it, before others may see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import click
import msgspec
from msgspec import Struct
from msgspec.structs import replace

from meshscope.errors import UsageError
from meshscope.simulation.request import Request
from meshscope.snapshot.snapshot import Snapshot

if TYPE_CHECKING:
    from meshscope.redaction.values import Values  # only where something is shared

redact_option = click.option(
    "--redact", is_flag=True, help="only what is known to be configuration; every other text is replaced"
)
keep_option = click.option(
    "--keep",
    multiple=True,
    metavar="PATTERN",
    help="with --redact: let the values of headers, variables, annotations and fields of such a name through (x-tenant-*)",
)
anonymize_option = click.option(
    "--anonymize", is_flag=True, help="redacted, and with every name and address replaced by a pseudonym"
)
_PLAIN = frozenset({"id", "method", "scheme", "protocol", "alpn", "transport_protocol"})
"""Fields of a request without a name of the mesh in them."""


class Shared(Struct, frozen=True):
    """A snapshot that may be shown, and what makes a request, and the name of a proxy, one of it."""

    snapshot: Snapshot
    request: Callable[[Request], Request]
    name: Callable[[str], str] = str


class Sharing(Struct, frozen=True):
    """`keep` are patterns of the names whose values `--redact` lets through. Raises UsageError for what keeps nothing."""

    redact: bool = False
    anonymize: bool = False
    keep: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.keep and (self.anonymize or not self.redact):
            raise UsageError(
                f"--keep {self.keep[0]} lets something through --redact: give --redact, without --anonymize"
            )
        for pattern in self.keep:
            if not any(character.isalnum() for character in pattern):
                why = "lets everything through: leave --redact out" if "*" in pattern else "is the pattern of no name"
                raise UsageError(f"--keep {pattern!r} {why}, or name what stays: --keep 'x-tenant-*'")

    @property
    def is_on(self) -> bool:
        return self.redact or self.anonymize

    def refuse(self, request: Request) -> None:
        """Raises UsageError for a request with a secret in it, which others may not see."""
        if self.is_on:
            _without_secrets(request)

    def shared(self, snapshot: Snapshot) -> Shared:
        """`snapshot` is labelled. The request of a shared snapshot raises UsageError where a secret is in it."""
        if not self.is_on:
            return Shared(snapshot, lambda request: request)
        if not self.anonymize:
            from meshscope.redaction.redacting import redact  # most snapshots are shown as they are

            redacted = redact(snapshot, self.keep)
            return Shared(redacted.snapshot, lambda request: with_stand_ins(request, redacted.values))
        import secrets  # only for new names

        from meshscope.anonymous.anonymising import anonymise

        anonymous = anonymise(snapshot, secrets.token_bytes(32))
        text, values = anonymous.text, anonymous.values
        return Shared(anonymous.snapshot, lambda request: renamed(with_stand_ins(request, values), text), text)


def with_stand_ins(request: Request, values: Values) -> Request:
    """The request as it would be sent to the redacted mesh. Raises UsageError where a credential is in it."""
    request = _without_secrets(request)
    return replace(
        request,
        dest=values.path(request.dest),
        path=request.path and values.path(request.path),
        headers=tuple((name, values.header(name, value)) for name, value in request.headers),
        jwt=values.claims(request.jwt),
        dynamic_metadata=values.claims(request.dynamic_metadata),
    )


def renamed(request: Request, text: Callable[[str], str]) -> Request:
    """The request in the names of an anonymised mesh."""

    def new_value(value: Any) -> Any:
        if isinstance(value, str):
            return text(value)
        if isinstance(value, dict):
            return {text(key): new_value(inner) for key, inner in value.items()}
        return [new_value(inner) for inner in value] if isinstance(value, (list, tuple)) else value

    fields: dict[str, Any] = msgspec.to_builtins(request)
    new = {name: value if name in _PLAIN else new_value(value) for name, value in fields.items()}
    return msgspec.convert(new, Request)


def _without_secrets(request: Request) -> Request:
    """The request itself. A credential is never replaced: the answer could be another one. Raises UsageError."""
    from meshscope.redaction.headers import is_credential  # only where something is shared
    from meshscope.redaction.stand_ins import MARK
    from meshscope.redaction.texts import redacted_text
    from meshscope.snapshot.sensitive import REDACTED

    parameters = [pair for text in (request.dest, request.path) for pair in _parameters(text or "")]
    named = [("header", *header) for header in request.headers] + [("query parameter", *pair) for pair in parameters]
    for what, name, value in named:
        if is_credential(name) and not value.startswith((REDACTED, MARK)):
            raise UsageError(
                f"the {what} {name} of a request may be a secret, which --redact and --anonymize keep out; leave it out,"
                f" or give it the value {REDACTED}"
            )
    path = request.path and request.path.partition("?")[0]
    rest = replace(request, dest=request.dest.partition("?")[0], path=path)  # a query has stand-ins
    if any(redacted_text(text) != text for text in _texts(msgspec.to_builtins(rest))):
        raise UsageError("a request has a secret in it, which --redact and --anonymize keep out; leave it out")
    return request


def _parameters(path: str) -> list[tuple[str, str]]:
    pairs = (pair.partition("=") for pair in path.partition("?")[2].split("&"))
    return [(name, value) for name, _, value in pairs]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from (key, *_texts(inner))
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _texts(inner)
