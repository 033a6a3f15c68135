"""A person's words as a Request: who sends and where to, a pasted curl command, headers and claims as texts."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from meshscope.simulation.journey.field_error import FieldError
from meshscope.simulation.request import PROTOCOL, Request
from meshscope.untyped import untyped


class Words(Struct, frozen=True, kw_only=True):
    """`places` are a source and a destination, either of which may be missing; `headers` are `name: value`, `jwt`
    `claim=value`, `alpn` names with commas. The other fields are those of Request.
    """

    places: tuple[str, ...] = ()
    curl: str = ""
    method: str = ""
    headers: tuple[str, ...] = ()
    authority: str | None = None
    to: str = ""
    sni: str | None = None
    alpn: str = ""
    tls: bool | None = None
    protocol: str = ""
    source_ip: str = ""
    source_port: int | None = None
    direct_source_ip: str = ""
    principal: str = ""
    client_cert: bool = False
    jwt: tuple[str, ...] = ()
    random: int | None = None
    listener: str = ""
    route_config: str = ""


def request_of(words: Words) -> Request:
    """Fields win over the curl command; its headers come first. Raises FieldError."""
    if len(words.places) > 2:
        raise FieldError("", f"a trace has a source and a destination, not {len(words.places)} words")
    curl = _pasted(words.curl) if words.curl else Request()
    source, dest = _ends(words)
    return replace(
        curl,
        source=source,
        dest=dest or curl.dest,
        method=words.method or curl.method,
        headers=(*curl.headers, *map(_header, words.headers)),
        authority=words.authority if words.authority is not None else curl.authority,
        to=words.to or curl.to,
        sni=words.sni,
        alpn=tuple(words.alpn.split(",")) if words.alpn else None,
        tls=words.tls,
        protocol=words.protocol or curl.protocol,
        source_ip=words.source_ip,
        source_port=words.source_port,
        direct_source_ip=words.direct_source_ip,
        principal=words.principal,
        client_cert=words.client_cert or curl.client_cert,
        jwt=dict(map(_claim, words.jwt)) or None,
        random=words.random,
        listener=words.listener,
        route_config=words.route_config,
    )


def _ends(words: Words) -> tuple[str, str]:
    """Source and destination. One word alone is the source where the destination is given otherwise, unless it is a URL."""
    if len(words.places) == 2:
        return words.places[0], words.places[1]
    word = words.places[0] if words.places else ""
    is_source = bool(words.curl or words.to) and "://" not in word
    return (word, "") if is_source else ("", word)


def _pasted(text: str) -> Request:
    from meshscope.simulation.journey.curl import parse_curl  # only for a pasted command

    return parse_curl(text)


def _header(text: str) -> tuple[str, str]:
    """A name may begin with a colon, as those of HTTP/2 do; it loses that, unless it is `:protocol`."""
    name, colon, value = text.removeprefix(":").partition(":")
    if not colon:
        raise FieldError("headers", f"{text!r} is not 'name: value'")
    name, value = name.strip().lower(), value.strip()
    return (PROTOCOL, value) if text[0] == ":" and f":{name}" == PROTOCOL else (name, value)


def _claim(text: str) -> tuple[str, Any]:
    """The value is JSON, or the text itself where it is not."""
    name, equals, value = text.partition("=")
    if not equals:
        raise FieldError("jwt", f"{text!r} is not name=value")
    try:
        return name, untyped(value)
    except msgspec.DecodeError:
        return name, value
