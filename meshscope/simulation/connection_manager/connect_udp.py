"""CONNECT-UDP: the host and port that its path asks for are its authority; another path is refused.

https://www.rfc-editor.org/rfc/rfc9298 https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/http/upgrades
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from msgspec.structs import replace

from meshscope.simulation.connection import HttpRequest

_TARGET = r"/\.well-known/masque/udp/([^/]+)/([^/]+)/"


def asks_for_udp(request: HttpRequest) -> bool:
    """By `upgrade` alone, whatever `connection` says; an extended CONNECT has that header by now."""
    return ",".join(request.values("upgrade")).lower() == "connect-udp"


def with_target(request: HttpRequest) -> HttpRequest | None:
    """None where the path has no target; a host that holds a percent sign once it is decoded is none."""
    target = re.fullmatch(_TARGET, request.path)
    host, port = map(unquote, target.groups()) if target else ("%", "")
    if "%" in host:
        return None
    host = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return replace(request, authority=f"{host}:{port}")
