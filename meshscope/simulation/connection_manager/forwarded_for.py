"""The addresses in x-forwarded-for.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers#x-forwarded-for
"""

from __future__ import annotations

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.matching.addresses import ip_of


def forwarded_for(request: HttpRequest) -> str | None:
    """All values of x-forwarded-for in one, as Envoy keeps them; None without the header."""
    values = request.values("x-forwarded-for")
    return ",".join(values) if values else None


def last_address(header: str | None, skip: int) -> str | None:
    """The last address before the `skip` last ones; None if there are too few, or it is not a plain IP address."""
    parts = header.split(",") if header is not None else []
    return plain_address(parts[-1 - skip]) if skip < len(parts) else None


def is_only_address(header: str | None, skip: int) -> bool:
    return skip == 0 and "," not in (header or "")


def plain_address(text: str) -> str | None:
    """An IP address without a port or a zone; None for any other text."""
    text = text.strip()
    return text if ip_of(text) and "%" not in text else None
