"""What Envoy's HTTP/1 codec refuses of a request, and what it makes of one that it takes.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/protocol.proto#config-core-v3-http1protocoloptions
A head is counted as it stands on the wire: `name: value` lines with CRLF, the request line and the empty line among them.
"""

from __future__ import annotations

import re
from functools import lru_cache

from msgspec.structs import replace

from meshscope.simulation.connection import Connection, Envoy, HttpRequest
from meshscope.simulation.connection_manager.header_limits import limits, underscore
from meshscope.simulation.connection_manager.refusal import Refusal, by_codec
from meshscope.simulation.connection_manager.upgrades import upgrade_type
from meshscope.simulation.matching.string import NEWEST
from meshscope.xds.http_connection_manager import HttpConnectionManager

METHODS = frozenset(
    (
        "ACL", "BIND", "CHECKOUT", "CONNECT", "COPY", "DELETE", "GET", "HEAD", "LINK", "LOCK", "MERGE", "MKACTIVITY",
        "MKCALENDAR", "MKCOL", "MOVE", "NOTIFY", "OPTIONS", "PATCH", "POST", "PROPFIND", "PROPPATCH", "PURGE", "PUT",
        "REBIND", "REPORT", "SEARCH", "SOURCE", "SUBSCRIBE", "TRACE", "UNBIND", "UNLINK", "UNLOCK", "UNSUBSCRIBE",
    )
)  # fmt: skip
_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_AUTHORITY = r"[!$%&'()*+,.0-9:;=@A-Z\[\]_a-z~-]*"
_CONTROL = r"[\x00-\x08\x0a-\x1f\x7f]"
_ABSOLUTE = r"(?is)(https?)://([^/?#]+)(.*)"
_SCHEME = r"(?ia)[a-z][a-z0-9+.-]*://"
_HOST_PORT = r"(\[[^\]]*\]|[^:/]+):[0-9]+"
_UNSAID = ("", "/")
_NEVER_NOMINATED = frozenset(("x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"))
_MOST_NOMINATED = 10


def refused(
    manager: HttpConnectionManager, request: HttpRequest, connection: Connection, envoy: Envoy = NEWEST
) -> Refusal | None:
    """In the order of the codec: the request line, the headers as they come, then the head as a whole."""
    return (
        _request_line(manager, request)
        or _header_lines(request)
        or _limited(manager, request, envoy)
        or _target(manager, request, connection)
        or _connection(request)
        or _body(manager, request)
    )


def received(manager: HttpConnectionManager, request: HttpRequest) -> HttpRequest:
    """An absolute target gives authority, path and scheme; several Host headers are one; nominated headers are gone.

    HTTP/1 has no other way to say a scheme: it is "" until the connection manager finds one.
    """
    hosts = request.values("host") if request.authority is not None else ()
    hosts += tuple(value for name, value in request.headers if name == "host")
    authority: str | None = ",".join(hosts) if hosts else None
    path, scheme = request.path, ""
    if request.method == "CONNECT":
        authority, path = (request.authority if path in _UNSAID else path), ""
    elif not path.startswith("/") and allows_absolute(manager) and (absolute := re.fullmatch(_ABSOLUTE, path)):
        scheme, authority = absolute[1].lower(), absolute[2]
        path = absolute[3] if absolute[3].startswith("/") else f"/{absolute[3]}"
    nominated = _nominated(request)
    if "host" in nominated:
        authority = None
    gone = {"host", *nominated} - {"te"}
    if request.values("transfer-encoding"):
        gone.add("content-length")
    headers = tuple((name, value.strip(" \t")) for name, value in request.headers if name not in gone)
    return replace(request, authority=authority, path=path, scheme=scheme, headers=headers)


def _request_line(manager: HttpConnectionManager, request: HttpRequest) -> Refusal | None:
    custom = manager.http_protocol_options.allow_custom_methods
    if not (custom and request.method != "QUERY" and _is_name(request.method)) and request.method not in METHODS:
        return by_codec(400, "http1.codec_error", f"method {request.method!r} is not one that HTTP/1 takes here")
    if re.search(_CONTROL, request.path):
        return by_codec(400, "http1.invalid_characters", "the request target holds a control character")
    if not request.path.isascii() or " " in request.path or "\t" in request.path:
        return by_codec(400, "http1.codec_error", "the request target holds a blank or a character beyond ASCII")
    return None


def _header_lines(request: HttpRequest) -> Refusal | None:
    for name, value in request.headers:
        if not _is_name(name):
            return by_codec(400, "http1.codec_error", f"{name!r} is no header name")
        if re.search(_CONTROL, value):
            return by_codec(400, "http1.invalid_characters", f"header {name} holds a control character")
    return None


@lru_cache(maxsize=4096)
def _is_name(name: str) -> bool:
    return bool(re.fullmatch(_NAME, name))


def _limited(manager: HttpConnectionManager, request: HttpRequest, envoy: Envoy) -> Refusal | None:
    most, size = limits(manager, envoy)
    lines = request.headers if request.authority is None else (("host", request.authority), *request.headers)
    head = "".join(
        [f"{request.method} {request.path} HTTP/1.1\r\n\r\n", *(f"{name}: {value}\r\n" for name, value in lines)]
    )
    if (length := len(head.encode("utf-8", "surrogatepass"))) > size:
        because = f"the head has {length} bytes; max_request_headers_kb allows {size}"
        return by_codec(431, "http1.headers_too_large", because)
    if bad := underscore(manager, request):
        because = f"header {bad}: headers_with_underscores_action REJECT_REQUEST"
        return by_codec(400, "http1.unexpected_underscore", because)
    if len(lines) > most:
        because = f"{len(lines)} headers; max_headers_count allows {most}"
        return by_codec(431, "http1.too_many_headers", because)
    return None


def _target(manager: HttpConnectionManager, request: HttpRequest, connection: Connection) -> Refusal | None:
    if request.method == "CONNECT":
        target = request.authority or "" if request.path in _UNSAID else request.path
        because = f"CONNECT asks for HOST:PORT, not {target!r}"
        return None if re.fullmatch(_HOST_PORT, target) else by_codec(400, "http1.invalid_url", because)
    absolute = re.fullmatch(_ABSOLUTE, request.path) if allows_absolute(manager) else None
    refusal = _absolute(manager, absolute, connection) if absolute else _relative(manager, request)
    if refusal is not None:
        return refusal
    authority = absolute[2] if absolute else request.authority or ""
    because = f"host {authority!r} holds a character that no host has"
    return None if re.fullmatch(_AUTHORITY, authority) else by_codec(400, "http.invalid_authority", because)


def _absolute(manager: HttpConnectionManager, target: re.Match[str], connection: Connection) -> Refusal | None:
    edge = manager.use_remote_address and manager.xff_num_trusted_hops == 0
    overwritten = manager.scheme_header_transformation.scheme_to_overwrite
    if edge and not connection.tls and target[1].lower() == "https" and not overwritten:
        because = "an https:// target over plain text with use_remote_address"
        return by_codec(403, "http1.https_url_on_plaintext_connection", because)
    return None


def _relative(manager: HttpConnectionManager, request: HttpRequest) -> Refusal | None:
    """Without allow_absolute_url an absolute target passes the codec, and the connection manager refuses it."""
    path = request.path
    if path.startswith("/") or (not allows_absolute(manager) and (path == "*" or re.match(_SCHEME, path))):
        return None
    if path == "*":
        because = "the request target * is for OPTIONS alone"
        return None if request.method == "OPTIONS" else by_codec(400, "http1.invalid_url", because)
    return by_codec(400, "http1.codec_error", f"the request target {path!r} does not begin with /")


def allows_absolute(manager: HttpConnectionManager) -> bool:
    return manager.http_protocol_options.allow_absolute_url is not False


def _connection(request: HttpRequest) -> Refusal | None:
    """The Connection header may not name what a proxy needs, nor pseudo-headers, nor more than ten headers."""
    tokens = _nominated(request)
    bad = next((t for t in tokens if t in _NEVER_NOMINATED or t.startswith(":")), None)
    if bad is None and len(tokens) <= _MOST_NOMINATED:
        return None
    because = f"the Connection header names {bad}" if bad else f"the Connection header names {len(tokens)} headers"
    return by_codec(400, "http1.connection_header_rejected", because)


def _nominated(request: HttpRequest) -> tuple[str, ...]:
    """The headers that the Connection header names, which end here; an upgrade keeps them all."""
    values = request.values("connection")
    if not values or upgrade_type(request):
        return ()
    return tuple(token for part in ",".join(values).split(",") if (token := part.strip().lower()))


def _body(manager: HttpConnectionManager, request: HttpRequest) -> Refusal | None:
    encoding, lengths = request.values("transfer-encoding"), request.values("content-length")
    if encoding and ",".join(encoding).strip().lower() != "chunked":
        return by_codec(
            501, "http1.invalid_transfer_encoding", f"transfer-encoding {', '.join(encoding)} is not chunked"
        )
    if lengths and (len(set(lengths)) > 1 or not lengths[0].isdecimal()):
        return by_codec(400, "http1.codec_error", f"content-length {', '.join(lengths)} is not a number")
    if encoding and lengths and not manager.http_protocol_options.allow_chunked_length:
        details = "http1.content_length_and_chunked_not_allowed"
        return by_codec(
            400, details, "both content-length and transfer-encoding: chunked; allow_chunked_length is not set"
        )
    return None
