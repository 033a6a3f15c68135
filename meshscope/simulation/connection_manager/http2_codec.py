"""Which requests Envoy's HTTP/2 codec refuses (it resets their streams without an answer), and how it decodes the others.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/protocol.proto#config-core-v3-http2protocoloptions
"""

from __future__ import annotations

import re

from msgspec.structs import replace

from meshscope.simulation.connection import Envoy, HttpRequest
from meshscope.simulation.connection_manager.header_limits import forbidden_underscore, header_limits
from meshscope.simulation.connection_manager.refusal import Refusal, codec_refusal
from meshscope.simulation.connection_manager.upgrades import from_extended_connect
from meshscope.simulation.matching.string import NEWEST
from meshscope.xds.http_connection_manager import HttpConnectionManager

_METHOD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_AUTHORITY = r"[!$%&'()*+,.0-9:;=A-Z\[\]_a-z~-]+"
_PATH = r"[^\x00-\x20\x7f]+"
_VALUE = r"[^\x00-\x08\x0a-\x1f\x7f]*"
_HOP_BY_HOP = frozenset(("connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"))
_FIELD, _RULE = "http2.invalid.header.field", "http2.violation.of.messaging.rule"


def refusal(manager: HttpConnectionManager, request: HttpRequest, envoy: Envoy = NEWEST) -> Refusal | None:
    """The first fault in the order of the codec: invalid fields, limits, missing fields."""
    return _invalid_field(manager, request) or _limits(manager, request, envoy) or _incomplete(request)


def decoded_request(request: HttpRequest) -> HttpRequest:
    """A `host` header becomes the authority of a request without one; it is dropped in any case. An extended CONNECT
    becomes an HTTP/1 upgrade.
    """
    hosts = [value for name, value in request.headers if name == "host"]
    authority = request.authority if request.authority is not None or not hosts else hosts[0]
    headers = tuple(header for header in request.headers if header[0] != "host") if hosts else request.headers
    path = "" if is_plain_connect(request) else request.path
    return from_extended_connect(replace(request, authority=authority, headers=headers, path=path))


def is_plain_connect(request: HttpRequest) -> bool:
    """CONNECT without `:protocol`; with it (extended CONNECT) the request is an upgrade and has a path."""
    return request.method == "CONNECT" and not request.values(":protocol")


def _invalid_field(manager: HttpConnectionManager, request: HttpRequest) -> Refusal | None:
    because = ""
    if not re.fullmatch(_METHOD, request.method):
        because = f"method {request.method!r} is not a token"
    elif request.authority is not None and not re.fullmatch(_AUTHORITY, request.authority):
        because = f":authority {request.authority!r} is empty or contains an invalid character"
    elif not is_plain_connect(request) and not re.fullmatch(_PATH, request.path):
        because = f":path {request.path!r} is empty or contains a blank or control character"
    elif request.values(":protocol") and not manager.http2_protocol_options.allow_connect:
        because = "extended CONNECT; http2_protocol_options.allow_connect is not set"
    else:
        invalid = next((name for name, value in request.headers if _is_invalid(name, value)), None)
        because = f"header {invalid} is not allowed in HTTP/2" if invalid else ""
    return codec_refusal(0, _FIELD, because) if because else None


def _is_invalid(name: str, value: str) -> bool:
    if name in _HOP_BY_HOP or not re.fullmatch(_VALUE, value):
        return True
    if name == "te":
        return value.strip().lower() != "trailers"
    return (name == "content-length" and not value.isdecimal()) or name != name.lower()


def _limits(manager: HttpConnectionManager, request: HttpRequest, envoy: Envoy) -> Refusal | None:
    max_count, max_size = header_limits(manager, envoy)
    pseudo = [(":method", request.method), (":authority", request.authority or "")]
    if not is_plain_connect(request):
        pseudo += [(":path", request.path), (":scheme", request.scheme)]
    fields = [*pseudo, *request.headers]
    size = sum(len(name) + len(value.encode("utf-8", "surrogatepass")) for name, value in fields)
    if name := forbidden_underscore(manager, request):
        because = f"header {name}: headers_with_underscores_action is REJECT_REQUEST"
        return codec_refusal(0, "http2.unexpected_underscore", because, "DR")
    if len(fields) > max_count:
        because = f"{len(fields)} headers including pseudo-headers; max_headers_count allows {max_count}"
        return codec_refusal(0, "http2.too_many_headers", because, "DR")
    if size > max_size:
        because = f"the headers have {size} bytes; max_request_headers_kb allows {max_size}"
        return codec_refusal(0, "http2.header_list_size_too_large", because, "DR")
    return None


def _incomplete(request: HttpRequest) -> Refusal | None:
    if request.authority is None and request.method == "CONNECT":
        return codec_refusal(0, _RULE, "CONNECT without :authority")
    if request.authority is None and not any(name == "host" for name, _ in request.headers):
        return codec_refusal(0, _RULE, "neither :authority nor host")
    if (
        is_plain_connect(request)
        or request.path.startswith("/")
        or (request.path == "*" and request.method == "OPTIONS")
    ):
        return None
    return codec_refusal(0, _RULE, f":path {request.path!r} does not begin with /")
