"""A request in a line: who asks whom for what."""

from __future__ import annotations

from meshscope.render.text import shortened
from meshscope.simulation.journey.completion import method_of
from meshscope.simulation.journey.destination import Destination, parse_destination
from meshscope.simulation.request import Request

MOST = 48
"""Cells of a header's value; a token has hundreds."""


def question_words(request: Request) -> str:
    return " ▸ ".join(question_parts(request))


def question_parts(request: Request) -> tuple[str, str]:
    """Who asks, and what."""
    dest = parse_destination(request.dest) if request.dest else None
    opaque = "TLS" if dest is not None and dest.scheme == "tls" else "TCP"
    what = opaque if _is_tcp(request, dest) else method_of(request, dest)
    where = request.dest or _url(request) or request.to
    at = f"  at {request.to}" if request.to and request.to != where else ""
    headers = "".join(f"  {name}: {shortened(value, MOST)}" for name, value in request.headers)
    return request.source or "client", f"{what} {where}{at}{headers}"


def _is_tcp(request: Request, dest: Destination | None) -> bool:
    """Whether it is followed as TCP, as far as the request alone says: by its protocol, or as an address and no more."""
    if dest is not None and dest.scheme in ("tcp", "tls"):
        return True
    if request.protocol or request.authority is not None or request.path is not None or request.scheme:
        return request.protocol == "tcp"
    return not request.dest or (dest is not None and dest.is_ip and dest.scheme is None and dest.path == "/")


def _url(request: Request) -> str:
    """As far as its parts are given; without a scheme it is HTTP in plain text."""
    if request.authority is None and request.path is None:
        return ""
    return f"{f'{request.scheme}://' if request.scheme else ''}{request.authority or ''}{request.path or ''}"
