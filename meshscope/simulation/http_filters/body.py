"""Whether a request has a body, and how long it is. A question states no body: its headers are all that is known.

https://www.rfc-editor.org/rfc/rfc9112#section-6.3
https://www.rfc-editor.org/rfc/rfc9113#section-8.1
"""

from __future__ import annotations

from msgspec.structs import replace

from meshscope.simulation.connection import HttpRequest

_WITHOUT = frozenset({"GET", "HEAD", "OPTIONS", "DELETE", "TRACE", "CONNECT"})
"""Methods whose requests over HTTP/2 are taken to have no body unless `content-length` gives one."""


def body_of(request: HttpRequest) -> str:
    """`yes`, `whole`, `no`, or `unknown`: over HTTP/2 a body needs no header."""
    if request.body:
        return request.body
    length = "".join(request.values("content-length"))
    if length.isdecimal():
        return "yes" if int(length) else "no"
    if request.protocol == "http1":
        return "yes" if request.values("transfer-encoding") else "no"
    return "no" if request.method in _WITHOUT else "unknown"


def has_body(request: HttpRequest) -> bool | None:
    """None where that is unknown."""
    return {"yes": True, "whole": True, "no": False}.get(body_of(request))


def body_length(request: HttpRequest) -> int | None:
    """In bytes, by `content-length`; 0 where there certainly is no body; None where the length is unknown."""
    length = "".join(request.values("content-length"))
    if length.isdecimal():
        return int(length)
    return 0 if has_body(request) is False else None


def buffered(request: HttpRequest) -> HttpRequest:
    """The request after a filter that waits for its whole body."""
    return replace(request, body="whole") if has_body(request) else request
