"""A request in a line: who asks whom for what."""

from __future__ import annotations

from meshscope.render.text import shortened
from meshscope.simulation.request import Request

MOST = 48
"""Cells of a header's value; a token has hundreds."""


def question_words(request: Request) -> str:
    is_tcp = request.protocol == "tcp" or (not request.dest and not request.authority and not request.path)
    what = "TCP" if is_tcp else request.method or "GET"
    where = request.dest or f"{request.authority or ''}{request.path or ''}" or request.to
    at = f"  at {request.to}" if request.to and request.to != where else ""
    headers = "".join(f"  {name}: {shortened(value, MOST)}" for name, value in request.headers)
    return f"{request.source or 'client'} ▸ {what} {where}{at}{headers}"
