"""The request to follow: SOURCE, DEST and the options about it. A verb gets them as one `Words`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import Any

import click

from meshscope.cli import completing
from meshscope.cli.verb import Option
from meshscope.errors import UsageError
from meshscope.simulation.hints import Hint
from meshscope.simulation.journey.field_error import FieldError
from meshscope.simulation.journey.words import Words

REQUEST = "Request"

OPTIONS = {
    "curl": "--curl",
    "method": "-X",
    "headers": "-H",
    "authority": "--host",
    "to": "--to",
    "sni": "--sni",
    "alpn": "--alpn",
    "tls": "--tls",
    "protocol": "--protocol",
    "source_ip": "--source-ip",
    "source_port": "--source-port",
    "direct_source_ip": "--direct-source-ip",
    "principal": "--principal",
    "client_cert": "--client-cert",
    "jwt": "--jwt",
    "random": "--random",
    "listener": "--listener",
    "route_config": "--route-config",
}
"""A field of Words -> the option that sets it."""


def option_of(field: str) -> str:
    return OPTIONS.get(field, field)


def hint_text(hint: Hint) -> str:
    """What to pass, as it is typed: `--to IP:PORT`, `-H 'x-request-id: VALUE'`."""
    example = f"'{hint.example}'" if " " in hint.example else hint.example
    return f"{' or '.join(map(option_of, hint.fields))} {example}".rstrip()


def in_options(error: FieldError) -> UsageError:
    """The error in the words of the command line."""
    return UsageError(error.spelled(option_of))


_request = partial(click.option, cls=Option, section=REQUEST)


def request_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds SOURCE, DEST and the options about the request; the verb's parameter is `words`."""

    @wraps(function)
    def with_words(*, words: tuple[str, ...], **options: Any) -> Any:
        fields = {name: options.pop(name) for name in OPTIONS}
        return function(words=Words(places=words, **fields), **options)

    wrapped: Callable[..., Any] = with_words
    for option in reversed((
        click.argument("words", nargs=-1, metavar="[SOURCE] DEST", shell_complete=completing.trace_words),
        _request("-X", "--method", default="", metavar="METHOD", help="default: GET"),
        _request("-H", "--header", "headers", multiple=True, metavar="'K: V'", help="a request header; repeatable",
                 shell_complete=completing.headers),
        _request("--host", "authority", metavar="AUTHORITY", help="the Host header, if not the destination's"),
        _request("--to", default="", metavar="IP[:PORT]", help="the original destination"),
        _request("--sni", metavar="NAME", help="server name of the client's TLS"),
        _request("--alpn", default="", metavar="A,B", help="protocols that the client offers"),
        _request("--tls/--no-tls", default=None, help="whether the client speaks TLS; default: by the scheme"),
        _request("--protocol", default="", metavar="PROTOCOL", help="http1, http2 or tcp"),
        _request("--source-ip", default="", metavar="IP", help="the client's address"),
        _request("--source-port", type=click.IntRange(0, 65535), metavar="PORT", help="the client's port"),
        _request("--direct-source-ip", default="", metavar="IP",
                 help="the address of the client's connection, if a proxy before it names another client"),
        _request("--principal", default="", metavar="SPIFFE", help="the client's identity; default: the source's own"),
        _request("--client-cert", is_flag=True, help="the client presents a certificate that the server's CA accepts"),
        _request("--jwt", multiple=True, metavar="CLAIM=VALUE", help="a claim of an accepted token; repeatable"),
        _request("--random", type=int, metavar="N", help="Envoy's random value: decides weights and fractions"),
        _request("--listener", default="", metavar="NAME", help="start at this listener"),
        _request("--route-config", default="", metavar="NAME",
                 help="ask this route table alone: no listener, no filter before it"),
        _request("--curl", default="", metavar="COMMAND", help="a pasted curl command"),
    )):  # fmt: skip
        wrapped = option(wrapped)
    return wrapped
