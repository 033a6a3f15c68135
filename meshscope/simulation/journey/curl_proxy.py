"""What curl sends to an HTTP proxy (`-x`): the absolute URL, or CONNECT for what it tunnels.

https://curl.se/docs/manpage.html#-x
"""

from __future__ import annotations

from msgspec.structs import replace

from meshscope.simulation.journey.destination import DEFAULT_PORTS, is_ip, joined, parse_destination
from meshscope.simulation.journey.field_error import FieldError
from meshscope.simulation.request import Request

_PORTS = {"http": 1080, "https": 443}


def through_proxy(request: Request, proxy: str, *, tunnels: bool) -> Request:
    """`tunnels`: plain HTTP goes by CONNECT, too. Raises FieldError for a proxy that is no address or does not speak HTTP."""
    at = parse_destination(proxy if "://" in proxy else f"http://{proxy}")
    scheme = (at.scheme if at else None) or ""
    if at is None or scheme not in _PORTS:
        raise FieldError("curl", f"-x {proxy!r} is no HTTP proxy")
    host = "127.0.0.1" if at.host.lower() == "localhost" else at.host
    if not is_ip(host):
        raise FieldError(
            "curl", f"-x {proxy!r} names a host whose address is not known; write the address in its place"
        )
    there = joined(host, at.port or _PORTS[scheme])
    tls = scheme == "https"
    url = parse_destination(request.dest)
    if url is None or (url.scheme != "https" and not tunnels):
        # the URL's host goes before a Host header
        return replace(request, to=there, tls=tls, scheme=url.scheme if url and url.scheme else "", authority=None)
    name = f"[{url.host}]" if ":" in url.host else url.host
    authority = f"{name}:{url.port or DEFAULT_PORTS.get(url.scheme or '', 80)}"
    return replace(
        request, dest=f"http://{authority}/", method="CONNECT", authority=authority, path="", to=there, tls=tls,
        headers=tuple(pair for pair in request.headers if pair[0] == "user-agent"), client_cert=None,
    )  # fmt: skip
