"""Which requests Envoy's HTTP/2 codec refuses (it resets their streams without an answer), and how it decodes the others.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/protocol.proto#config-core-v3-http2protocoloptions
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from meshscope.simulation.connection import Envoy, HttpRequest
from meshscope.simulation.connection_manager.header_limits import header_limits
from meshscope.simulation.connection_manager.refusal import Refusal, codec_refusal
from meshscope.simulation.connection_manager.upgrades import from_extended_connect
from meshscope.simulation.headers.inline import INLINE, set_header
from meshscope.simulation.matching.string import NEWEST
from meshscope.simulation.request import PROTOCOL
from meshscope.xds.http_connection_manager import HttpConnectionManager

_METHOD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_NAME = r"[!#$%&'*+.^_`|~0-9a-z-]+"
_VALUE = r"[^\x00-\x08\x0a-\x1f\x7f]*"
_AUTHORITY = r"[!$%&'()*+,.0-9:;=A-Z\[\]_a-z~-]+"
_PSEUDO = {
    ":method": _METHOD, ":scheme": r"[A-Za-z][A-Za-z0-9+.-]*", ":authority": _AUTHORITY, ":path": r"[^\x00-\x20\x7f]+",
    ":protocol": _VALUE[:-1] + "+",
}  # fmt: skip
_PATTERNS = {**_PSEUDO, "host": _AUTHORITY, "content-length": "[0-9]+"}
_OF_A_CONNECTION = frozenset(("connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"))
_ONCE = ("host", "content-length", *_PSEUDO)
_LONGEST_BODY = 2**63 - 1


def refusal(manager: HttpConnectionManager, request: HttpRequest, envoy: Envoy = NEWEST) -> Refusal | None:
    """The first fault in the order of the codec: field by field, first what the field is, then what all up to it come to;
    at last the request as a whole. The headers are those of the wire, each on its own.
    """
    max_count, max_size = header_limits(manager, envoy)
    action = manager.common_http_protocol_options.headers_with_underscores_action.upper()
    count, size, details = 0, 0, ""
    seen: set[str] = set()
    for name, value in _fields(request):
        if because := _fault(manager, name, value, seen):
            return codec_refusal(0, details or "http2.invalid.header.field", because)
        if "_" in name and action in ("REJECT_REQUEST", "DROP_HEADER"):
            details = "http2.unexpected_underscore"  # which stays, whatever fault comes after a dropped header
            if action == "DROP_HEADER":
                continue
            because = f"header {name}: headers_with_underscores_action is REJECT_REQUEST"
            return codec_refusal(0, details, because, "DR")
        is_joined = name in seen and name in INLINE
        size += len(value.encode("utf-8", "surrogatepass")) + (1 if is_joined else len(name))
        count += not is_joined
        seen.add(name)
        if size > max_size:
            because = f"the headers have more than the {max_size} bytes that max_request_headers_kb allows"
            return codec_refusal(0, details or "http2.header_list_size_too_large", because, "DR")
        if count > max_count:
            because = f"more headers, pseudo-headers among them, than the {max_count} that max_headers_count allows"
            return codec_refusal(0, details or "http2.too_many_headers", because, "DR")
    because = _incomplete(request)
    return codec_refusal(0, details or "http2.violation.of.messaging.rule", because) if because else None


def decoded_request(request: HttpRequest) -> HttpRequest:
    """A `host` header becomes the authority of a request without one; it is dropped in any case. An extended CONNECT
    becomes an HTTP/1 upgrade. Cookies are one header.
    """
    hosts = [value for name, value in request.headers if name == "host"]
    authority = request.authority if request.authority is not None or not hosts else hosts[0]
    headers = tuple(header for header in request.headers if header[0] != "host") if hosts else request.headers
    crumbs = [value for name, value in headers if name == "cookie"]
    if len(crumbs) > 1:
        headers = set_header(headers, "cookie", "; ".join(crumbs))
    path = "" if is_plain_connect(request) else request.path
    return from_extended_connect(replace(request, authority=authority, headers=headers, path=path))


def is_plain_connect(request: HttpRequest) -> bool:
    """CONNECT without `:protocol`; with it (extended CONNECT) the request is an upgrade and has a path."""
    return request.method == "CONNECT" and not request.values(PROTOCOL)


def _fields(request: HttpRequest) -> Iterator[tuple[str, str]]:
    """Pseudo-headers come first, in the order in which most clients send them."""
    yield ":method", request.method
    if not is_plain_connect(request):
        yield ":scheme", request.scheme
    if request.authority is not None:
        yield ":authority", request.authority
    if not is_plain_connect(request):
        yield ":path", request.path
    yield from (pair for pair in request.headers if pair[0] == PROTOCOL)
    yield from (pair for pair in request.headers if pair[0] != PROTOCOL)


def _fault(manager: HttpConnectionManager, name: str, value: str, seen: set[str]) -> str:
    """Why the field is not allowed; "" where it is. `seen` are the names of those before it."""
    because = ""
    if name in seen and name in _ONCE:
        because = f"{name} is there twice"
    elif name == PROTOCOL and not manager.http2_protocol_options.allow_connect:
        because = "extended CONNECT; http2_protocol_options.allow_connect is not set"
    elif not re.fullmatch(_NAME, name) and name not in _PSEUDO:
        because = f"a header's name may not be {name!r}"
    elif name in _OF_A_CONNECTION:
        because = f"header {name} is not allowed in HTTP/2"
    elif not re.fullmatch(_PATTERNS.get(name, _VALUE), value):
        because = f"{name} {value!r} is empty or contains an invalid character"
    elif name == "te" and value.lower() != "trailers":
        because = f"te is {value!r}; HTTP/2 allows trailers alone"
    elif name == "content-length" and int(f"0{value.lstrip('0')[:20]}") > _LONGEST_BODY:
        because = f"content-length {value} is too large"
    return because


def _incomplete(request: HttpRequest) -> str:
    if request.authority is None and request.method == "CONNECT":
        return "CONNECT without :authority"
    if request.authority is None and not any(name == "host" for name, _ in request.headers):
        return "neither :authority nor host"
    if request.method != "CONNECT" and request.values(PROTOCOL):
        return f":protocol with the method {request.method}; it belongs to CONNECT"
    if is_plain_connect(request) or request.path.startswith("/") or (request.path, request.method) == ("*", "OPTIONS"):
        return ""
    return f":path {request.path!r} does not begin with /"
