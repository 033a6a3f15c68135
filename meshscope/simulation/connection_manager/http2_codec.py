"""What Envoy's HTTP/2 codec refuses of a request: the stream is reset, no answer is sent.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/protocol.proto#config-core-v3-http2protocoloptions
"""

from __future__ import annotations

import re

from msgspec.structs import replace

from meshscope.simulation.connection import Envoy, HttpRequest
from meshscope.simulation.connection_manager.header_limits import limits, underscore
from meshscope.simulation.connection_manager.refusal import Refusal, by_codec
from meshscope.simulation.matching.string import NEWEST
from meshscope.xds.http_connection_manager import HttpConnectionManager

_METHOD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_AUTHORITY = r"[!$%&'()*+,.0-9:;=A-Z\[\]_a-z~-]+"
_PATH = r"[^\x00-\x20\x7f]+"
_VALUE = r"[^\x00-\x08\x0a-\x1f\x7f]*"
_OF_CONNECTIONS = frozenset(("connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"))
_FIELD, _RULE = "http2.invalid.header.field", "http2.violation.of.messaging.rule"


def refused(manager: HttpConnectionManager, request: HttpRequest, envoy: Envoy = NEWEST) -> Refusal | None:
    """Fields first, as they come; then limits; then what the message as a whole lacks."""
    return _invalid_field(manager, request) or _limited(manager, request, envoy) or _incomplete(request)


def received(request: HttpRequest) -> HttpRequest:
    """A `host` header is the authority where there is none, and is gone where there is one."""
    hosts = [value for name, value in request.headers if name == "host"]
    authority = request.authority if request.authority is not None or not hosts else hosts[0]
    headers = (
        tuple(header for header in request.headers if header[0] not in ("host", ":protocol"))
        if hosts
        else request.headers
    )
    path = "" if is_plain_connect(request) else request.path
    return replace(request, authority=authority, headers=headers, path=path)


def is_plain_connect(request: HttpRequest) -> bool:
    """CONNECT of old; with `:protocol` it is an upgrade and has a path."""
    return request.method == "CONNECT" and not request.values(":protocol")


def _invalid_field(manager: HttpConnectionManager, request: HttpRequest) -> Refusal | None:
    because = ""
    if not re.fullmatch(_METHOD, request.method):
        because = f"method {request.method!r} is no token"
    elif request.authority is not None and not re.fullmatch(_AUTHORITY, request.authority):
        because = f":authority {request.authority!r} is empty or holds a character that no host has"
    elif not is_plain_connect(request) and not re.fullmatch(_PATH, request.path):
        because = f":path {request.path!r} is empty or holds a blank or control character"
    elif request.values(":protocol") and not manager.http2_protocol_options.allow_connect:
        because = "extended CONNECT; http2_protocol_options.allow_connect is not set"
    else:
        bad = next((name for name, value in request.headers if _is_bad(name, value)), None)
        because = f"header {bad} is not allowed in HTTP/2" if bad else ""
    return by_codec(0, _FIELD, because) if because else None


def _is_bad(name: str, value: str) -> bool:
    if name in _OF_CONNECTIONS or not re.fullmatch(_VALUE, value):
        return True
    if name == "te":
        return value.strip().lower() != "trailers"
    return (name == "content-length" and not value.isdecimal()) or name != name.lower()


def _limited(manager: HttpConnectionManager, request: HttpRequest, envoy: Envoy) -> Refusal | None:
    most, size = limits(manager, envoy)
    pseudo = [(":method", request.method), (":authority", request.authority or "")]
    if not is_plain_connect(request):
        pseudo += [(":path", request.path), (":scheme", request.scheme)]
    fields = [*pseudo, *request.headers]
    total = sum(len(name) + len(value.encode("utf-8", "surrogatepass")) for name, value in fields)
    if bad := underscore(manager, request):
        because = f"header {bad}: headers_with_underscores_action REJECT_REQUEST"
        return by_codec(0, "http2.unexpected_underscore", because, "DR")
    if len(fields) > most:
        because = f"{len(fields)} headers, pseudo-headers among them; max_headers_count allows {most}"
        return by_codec(0, "http2.too_many_headers", because, "DR")
    if total > size:
        because = f"the headers have {total} bytes; max_request_headers_kb allows {size}"
        return by_codec(0, "http2.header_list_size_too_large", because, "DR")
    return None


def _incomplete(request: HttpRequest) -> Refusal | None:
    if request.authority is None and not any(name == "host" for name, _ in request.headers):
        return by_codec(0, _RULE, "neither :authority nor host")
    if (
        is_plain_connect(request)
        or request.path.startswith("/")
        or (request.path == "*" and request.method == "OPTIONS")
    ):
        return None
    return by_codec(0, _RULE, f":path {request.path!r} does not begin with /")
