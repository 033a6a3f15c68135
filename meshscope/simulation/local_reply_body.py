"""What an answer that Envoy itself gives says of its body; last of all, when every header mutation is done.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/local_reply
"""

from __future__ import annotations

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.inline_headers import set_header
from meshscope.simulation.local_reply import is_grpc
from meshscope.simulation.request import Headers
from meshscope.xds.data_source import DataSource
from meshscope.xds.message import decode, present
from meshscope.xds.route_action import DirectResponseAction

_GRPC_STATUS = {400: "13", 401: "16", 403: "7", 404: "12", 429: "14", 502: "14", 503: "14", 504: "14"}
_OF_A_BODY = ("content-length", "content-type")


def body_of(action: DirectResponseAction) -> str | None:
    """None where nobody knows it: it lies in a file or the environment, is no text, or is written by a format."""
    if present(action.body_format):
        return None
    if not present(action.body):
        return ""
    source = decode(action.body, DataSource)
    return source.text if isinstance(source, DataSource) else None


def with_body(headers: Headers, request: HttpRequest, code: int, body: str | None) -> Headers:
    """The length whatever was said of it, `text/plain` where no type was said, and neither without a body. A gRPC client is
    told `code` and body in `grpc-status` and `grpc-message`. What cannot be known is left out.
    """
    if body is None:
        return _without(headers, _OF_A_BODY)
    if is_grpc(request):
        headers = set_header(_without(headers, ("content-length",)), "content-type", "application/grpc")
        if not _has(headers, "grpc-status"):
            headers = (*headers, ("grpc-status", _GRPC_STATUS.get(code, "2")))
        return set_header(headers, "grpc-message", _percent_encoded(body)) if body else headers
    if not body:
        return _without(headers, _OF_A_BODY)
    headers = set_header(headers, "content-length", str(len(body.encode())))
    return headers if _has(headers, "content-type") else (*headers, ("content-type", "text/plain"))


def _has(headers: Headers, name: str) -> bool:
    return any(key == name for key, _ in headers)


def _without(headers: Headers, names: tuple[str, ...]) -> Headers:
    return tuple(header for header in headers if header[0] not in names)


def _percent_encoded(text: str) -> str:
    return "".join(chr(byte) if 0x20 <= byte < 0x7E and byte != 0x25 else f"%{byte:02X}" for byte in text.encode())
