"""`--redact` and `--anonymize`: what is done to a snapshot, and to requests of it, before others may see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import click
import msgspec
from msgspec import Struct

from meshscope.errors import UsageError
from meshscope.simulation.request import Request
from meshscope.snapshot.snapshot import Snapshot

redact_option = click.option(
    "--redact", is_flag=True, help="without keys, tokens, cookies, environment and annotations"
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
    redact: bool = False
    anonymize: bool = False

    @property
    def is_on(self) -> bool:
        return self.redact or self.anonymize

    def refuse(self, request: Request) -> None:
        """Raises UsageError for a request with a secret in it, which others may not see."""
        if self.is_on:
            _without_secrets(request)

    def shared(self, snapshot: Snapshot) -> Shared:
        """`snapshot` is labelled. The request of a shared snapshot raises UsageError where a secret is in it."""
        if self.anonymize:
            import secrets  # only for new names

            from meshscope.anonymous.anonymising import anonymise

            anonymous = anonymise(snapshot, secrets.token_bytes(32))
            text = anonymous.text
            return Shared(anonymous.snapshot, lambda request: _renamed(_without_secrets(request), text), text)
        if self.redact:
            from meshscope.snapshot.redacting import redacted_snapshot  # most snapshots are shown as they are

            return Shared(redacted_snapshot(snapshot), _without_secrets)
        return Shared(snapshot, lambda request: request)


def _renamed(request: Request, text: Callable[[str], str]) -> Request:
    def renamed(value: Any) -> Any:
        if isinstance(value, str):
            return text(value)
        if isinstance(value, dict):
            return {text(key): renamed(inner) for key, inner in value.items()}
        return [renamed(inner) for inner in value] if isinstance(value, (list, tuple)) else value

    fields: dict[str, Any] = msgspec.to_builtins(request)
    new = {name: value if name in _PLAIN else renamed(value) for name, value in fields.items()}
    return msgspec.convert(new, Request)


def _without_secrets(request: Request) -> Request:
    """The request itself. A secret is never replaced: the answer could be another one. Raises UsageError."""
    from meshscope.snapshot.redaction.sensitive import REDACTED, carries_secrets  # only where something is shared
    from meshscope.snapshot.redaction.texts import redacted_text

    for name, value in request.headers:
        if carries_secrets(name) and value != REDACTED:
            raise UsageError(
                f"the header {name} of a request may be a secret, which --redact and --anonymize keep out; leave it out,"
                f" or give it the value {REDACTED}"
            )
    if any(redacted_text(text) != text for text in _texts(msgspec.to_builtins(request))):
        raise UsageError("a request has a secret in it, which --redact and --anonymize keep out; leave it out")
    return request


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from (key, *_texts(inner))
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _texts(inner)
