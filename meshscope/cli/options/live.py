"""How live sources are reached: credentials, trusted certificates, time limit."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from pathlib import Path
from typing import Any

import click
from msgspec import Struct

from meshscope.cli import completing
from meshscope.cli.verb import LIVE, Option
from meshscope.collect.live import Live
from meshscope.errors import UsageError

_LONGEST_TOKEN = 1 << 16
"""Characters; a service account's token has a thousand."""
_LONGEST_CERTIFICATES = 16 << 20
"""Bytes; the certificates that a browser trusts have a few hundred thousand."""
_live = partial(click.option, cls=Option, section=LIVE)


class Seconds(click.FloatRange):
    """A number in a range; `nan` is in none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        number = super().convert(value, param, ctx)
        return self.fail(f"{value!r} is not a number of seconds", param, ctx) if number != number else number  # noqa: PLR0124


class LiveOptions(Struct, frozen=True):
    context: str = ""
    kubeconfig: str = ""
    token_file: str = ""
    ca_file: str = ""
    timeout: float = Live().timeout

    def options(self) -> tuple[str, ...]:
        """Those that differ from their defaults, as words of a command line."""
        default = LiveOptions()
        changed = [name for name in self.__struct_fields__ if getattr(self, name) != getattr(default, name)]
        return tuple(word for name in changed for word in (f"--{name.replace('_', '-')}", f"{getattr(self, name)}"))

    def live(self, *, labels: str = "", namespace: str = "") -> Live:
        """Raises UsageError for a token that cannot be read."""
        if self.ca_file:
            _refuse_endless(self.ca_file)
        return Live(
            timeout=self.timeout,
            token=_token(self.token_file) if self.token_file else "",
            ca_file=self.ca_file,
            context=self.context,
            kubeconfig=self.kubeconfig,
            namespace=namespace,
            labels=labels,
        )


def _refuse_endless(ca_file: str) -> None:
    """OpenSSL reads a file for as long as it goes on, whatever is in it. Raises UsageError."""
    from meshscope.bounded_file import bounded_bytes  # only with such a file

    try:
        bounded_bytes(Path(ca_file), _LONGEST_CERTIFICATES)
    except OSError as error:
        raise UsageError(f"--ca-file {ca_file}: {error.strerror}") from None


def _token(file: str) -> str:
    try:
        with open(file, encoding="ascii") as opened:  # noqa: PTH123  # as typed
            token = opened.read(_LONGEST_TOKEN + 1).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--token-file {file}: {getattr(error, 'strerror', '') or 'not a token'}") from None
    if not token or not token.isprintable() or " " in token or len(token) > _LONGEST_TOKEN:
        raise UsageError(f"--token-file {file}: no token in it")
    return token


def live_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options; the wrapped function's parameter is `live`."""

    @wraps(function)
    def with_live(**options: Any) -> Any:
        given = {name: value for name in LiveOptions.__struct_fields__ if (value := options.pop(name)) is not None}
        return function(live=LiveOptions(**given), **options)

    wrapped: Callable[..., Any] = with_live
    for option in reversed((
        _live("--context", metavar="CONTEXT", help="the cluster of this kubeconfig context",
              shell_complete=completing.contexts),
        _live("--kubeconfig", metavar="FILE", help="instead of $KUBECONFIG and ~/.kube/config"),
        _live("--token-file", metavar="FILE", help="a bearer token for istiod's debug endpoints"),
        _live("--ca-file", metavar="FILE", help="certificates to verify https:// sources with (PEM)"),
        _live("--timeout", type=Seconds(0.1, 600), metavar="SECONDS",
              help=f"how long a server may be silent; default {Live().timeout:g}"),
    )):  # fmt: skip
        wrapped = option(wrapped)
    return wrapped
