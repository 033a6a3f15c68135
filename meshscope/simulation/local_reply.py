"""Local replies: Envoy's own answers. To a gRPC request the access log has 200; the status is in `grpc-status`.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/local_reply
"""

from __future__ import annotations

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.request import Headers
from meshscope.simulation.trace import Response


def local_reply(request: HttpRequest, code: int, details: str, flags: str = "-", headers: Headers = ()) -> Response:
    """`request` may have been changed by filters: what it was when it came decides."""
    grpc = is_grpc(request) if request.grpc is None else request.grpc
    return Response(code=200 if grpc else code, flags=flags, details=details, headers=headers)


def is_grpc(request: HttpRequest) -> bool:
    """`application/grpc` or `application/grpc+…`, case and all; `application/grpc-web` is not, nor what has no path."""
    if not request.path:
        return False
    kind = ",".join(request.values("content-type"))
    return kind == "application/grpc" or kind.startswith("application/grpc+")


def without_blanks(text: str) -> str:
    """As response code details are written: each blank is a `_`."""
    return text.translate(_BLANKS)


_BLANKS = {ord(blank): "_" for blank in " \t\n\v\f\r"}
