"""Which requests Envoy's HTTP/1 codec refuses, and how it decodes the others.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/protocol.proto#config-core-v3-http1protocoloptions
The size of a head is that on the wire: the request line, `name: value` lines and the empty line, each with CRLF.
"""

from __future__ import annotations

import re
from functools import lru_cache

from msgspec.structs import replace

from meshscope.simulation.connection import Connection, Envoy, HttpRequest
from meshscope.simulation.connection_manager.header_limits import forbidden_underscore, header_limits
from meshscope.simulation.connection_manager.refusal import Refusal, codec_refusal
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
_NO_TARGET = ("", "/")
"""The paths of a CONNECT whose target is its authority."""
_NEVER_NOMINATED = frozenset(("x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"))
_MAX_NOMINATED = 10


def refusal(
    manager: HttpConnectionManager, request: HttpRequest, connection: Connection, envoy: Envoy = NEWEST
) -> Refusal | None:
    """The first fault in the order of the codec: the request line, the headers one by one, then the head as a whole."""
    return (
        _request_line(manager, request, envoy)
        or _header_lines(request)
        or _limits(manager, request, envoy)
        or _target(manager, request, connection)
        or _connection(request)
        or _body(manager, request)
    )


def decoded_request(manager: HttpConnectionManager, request: HttpRequest) -> HttpRequest:
    """Authority, path and scheme of an absolute target; several Host headers as one; no nominated headers.

    Only an absolute target has a scheme; otherwise it is "" until the connection manager determines it.
    """
    hosts = request.values("host") if request.authority is not None else ()
    hosts += tuple(value for name, value in request.headers if name == "host")
    authority: str | None = ",".join(hosts) if hosts else None
    path, scheme = request.path, ""
    if request.method == "CONNECT":
        authority, path = (request.authority if path in _NO_TARGET else path), ""
    elif not path.startswith("/") and allows_absolute(manager) and (absolute := re.fullmatch(_ABSOLUTE, path)):
        scheme, authority = absolute[1].lower(), absolute[2]
        path = absolute[3] if absolute[3].startswith("/") else f"/{absolute[3]}"
    nominated_names = _nominated(request)
    if "host" in nominated_names:
        authority = None
    dropped_names = {"host", *nominated_names} - {"te"}
    if request.values("transfer-encoding"):
        dropped_names.add("content-length")
    headers = tuple((name, value.strip(" \t")) for name, value in request.headers if name not in dropped_names)
    return replace(request, authority=authority, path=path, scheme=scheme, headers=headers)


def _request_line(manager: HttpConnectionManager, request: HttpRequest, envoy: Envoy) -> Refusal | None:
    if not _accepts_method(manager, request.method, envoy):
        return codec_refusal(400, "http1.codec_error", f"the HTTP/1 codec does not accept method {request.method!r}")
    if re.search(_CONTROL, request.path):
        return codec_refusal(400, "http1.invalid_characters", "the request target contains a control character")
    if not request.path.isascii() or " " in request.path or "\t" in request.path:
        return codec_refusal(400, "http1.codec_error", "the request target contains a blank or a non-ASCII character")
    return None


def _accepts_method(manager: HttpConnectionManager, method: str, envoy: Envoy) -> bool:
    """QUERY came with 1.40; before, not even `allow_custom_methods` let it pass."""
    if method == "QUERY":
        return envoy.at_least(1, 40)
    return method in METHODS or (manager.http_protocol_options.allow_custom_methods and _is_name(method))


def _header_lines(request: HttpRequest) -> Refusal | None:
    for name, value in request.headers:
        if not _is_name(name):
            return codec_refusal(400, "http1.codec_error", f"{name!r} is not a valid header name")
        if re.search(_CONTROL, value):
            return codec_refusal(400, "http1.invalid_characters", f"header {name} contains a control character")
    return None


@lru_cache(maxsize=4096)
def _is_name(name: str) -> bool:
    return bool(re.fullmatch(_NAME, name))


def _limits(manager: HttpConnectionManager, request: HttpRequest, envoy: Envoy) -> Refusal | None:
    max_count, max_size = header_limits(manager, envoy)
    lines = request.headers if request.authority is None else (("host", request.authority), *request.headers)
    head = "".join(
        [f"{request.method} {request.path} HTTP/1.1\r\n\r\n", *(f"{name}: {value}\r\n" for name, value in lines)]
    )
    if (size := len(head.encode("utf-8", "surrogatepass"))) > max_size:
        because = f"the head has {size} bytes; max_request_headers_kb allows {max_size}"
        return codec_refusal(431, "http1.headers_too_large", because)
    if name := forbidden_underscore(manager, request):
        because = f"header {name}: headers_with_underscores_action is REJECT_REQUEST"
        return codec_refusal(400, "http1.unexpected_underscore", because)
    if len(lines) > max_count:
        because = f"{len(lines)} headers; max_headers_count allows {max_count}"
        return codec_refusal(431, "http1.too_many_headers", because)
    return None


def _target(manager: HttpConnectionManager, request: HttpRequest, connection: Connection) -> Refusal | None:
    if request.method == "CONNECT":
        target = request.authority or "" if request.path in _NO_TARGET else request.path
        because = f"the target of CONNECT must be HOST:PORT, not {target!r}"
        return None if re.fullmatch(_HOST_PORT, target) else codec_refusal(400, "http1.invalid_url", because)
    absolute = re.fullmatch(_ABSOLUTE, request.path) if allows_absolute(manager) else None
    fault = _absolute(manager, absolute, connection) if absolute else _relative(manager, request)
    if fault is not None:
        return fault
    authority = absolute[2] if absolute else request.authority or ""
    because = f"host {authority!r} contains an invalid character"
    return None if re.fullmatch(_AUTHORITY, authority) else codec_refusal(400, "http.invalid_authority", because)


def _absolute(manager: HttpConnectionManager, target: re.Match[str], connection: Connection) -> Refusal | None:
    edge = manager.use_remote_address and manager.xff_num_trusted_hops == 0
    overwritten = manager.scheme_header_transformation.scheme_to_overwrite
    if edge and not connection.tls and target[1].lower() == "https" and not overwritten:
        because = "an https:// target over plain text with use_remote_address"
        return codec_refusal(403, "http1.https_url_on_plaintext_connection", because)
    return None


def _relative(manager: HttpConnectionManager, request: HttpRequest) -> Refusal | None:
    """Without `allow_absolute_url` the codec accepts an absolute target, and the connection manager refuses it."""
    path = request.path
    if path.startswith("/") or (not allows_absolute(manager) and (path == "*" or re.match(_SCHEME, path))):
        return None
    if path == "*":
        because = "only OPTIONS may have the request target *"
        return None if request.method == "OPTIONS" else codec_refusal(400, "http1.invalid_url", because)
    if scheme := re.match(_SCHEME, path):
        details = "http1.invalid_scheme" if path[scheme.end() :] else "http1.invalid_url"
        return codec_refusal(400, details, f"the request target {path!r} is neither http nor https")
    return codec_refusal(400, "http1.codec_error", f"the request target {path!r} does not begin with /")


def allows_absolute(manager: HttpConnectionManager) -> bool:
    return manager.http_protocol_options.allow_absolute_url is not False


def _connection(request: HttpRequest) -> Refusal | None:
    """The Connection header may not nominate certain headers, pseudo-headers, or more than ten headers."""
    names = _nominated(request)
    forbidden = next((name for name in names if name in _NEVER_NOMINATED or name.startswith(":")), None)
    if forbidden is None and len(names) <= _MAX_NOMINATED:
        return None
    because = f"the Connection header nominates {forbidden or f'{len(names)} headers'}"
    return codec_refusal(400, "http1.connection_header_rejected", because)


def _nominated(request: HttpRequest) -> tuple[str, ...]:
    """The headers that the Connection header nominates, which end at this hop; () for an upgrade."""
    values = request.values("connection")
    if not values or request.upgrade:
        return ()
    return tuple(token for part in ",".join(values).split(",") if (token := part.strip().lower()))


def _body(manager: HttpConnectionManager, request: HttpRequest) -> Refusal | None:
    encoding, lengths = request.values("transfer-encoding"), request.values("content-length")
    if encoding and ",".join(encoding).strip().lower() != "chunked":
        return codec_refusal(
            501, "http1.invalid_transfer_encoding", f"transfer-encoding {', '.join(encoding)} is not chunked"
        )
    if lengths and (len(set(lengths)) > 1 or not lengths[0].isdecimal()):
        return codec_refusal(400, "http1.codec_error", f"content-length {', '.join(lengths)} is not a number")
    if encoding and lengths and not manager.http_protocol_options.allow_chunked_length:
        details = "http1.content_length_and_chunked_not_allowed"
        return codec_refusal(
            400, details, "content-length together with transfer-encoding: chunked; allow_chunked_length is not set"
        )
    return None
