"""The ends that are the same wherever they happen: how the request ends, and what the deciding proxy's access log says.

https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage#config-access-log-format-response-flags
https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/response_code_details
"""

from __future__ import annotations

from msgspec import Struct

from meshscope.simulation.disposition import Disposition
from meshscope.simulation.trace import Response


class End(Struct, frozen=True):
    """The proxy answers or closes. `response` None: what its access log would say is unknown. `by_client`: not this proxy
    decides, but its client that is an Envoy, too. `connected`: the client's side of the handshake was done before;
    `in_handshake`: the client still waits for an answer to its first words of TLS, and takes whatever comes for one.
    """

    disposition: Disposition
    response: Response | None
    by_client: bool = False
    connected: bool = False
    in_handshake: bool = False


_ROUTE_NOT_FOUND = Response(code=404, flags="NR", details="route_not_found")

UNKNOWN = End(Disposition.UNKNOWN, None)
NO_LISTENER = End(Disposition.NO_LISTENER, Response(code=0, details="no_listener"))
NO_FILTER_CHAIN = End(Disposition.NO_FILTER_CHAIN, Response(code=0, flags="NR", details="filter_chain_not_found"))
NO_FILTER_ANSWERS = End(Disposition.CLOSED, Response(code=0, details="no filter answers"))
CLOSED = End(Disposition.CLOSED, Response(code=0))
"""Without an answer, and without a word in the access log."""
NO_TLS = End(Disposition.TLS_MISMATCH, Response(code=0))
REFUSED_AFTERWARDS = End(Disposition.TLS_MISMATCH, Response(code=0), connected=True)
"""In TLS 1.3 the server looks at the client's certificate when the client is done already."""
REFUSED_BY_CLIENT = End(Disposition.TLS_MISMATCH, Response(code=0), by_client=True)
NO_SECRET = End(
    Disposition.TLS_MISMATCH,
    Response(
        code=503,
        flags="UF",
        details="upstream_reset_before_response_started{remote_connection_failure|TLS_error:_Secret_is_not_supplied_by_SDS}",
    ),
)
"""A client that is an Envoy waits for a secret of its own."""
NOT_HTTP2 = End(Disposition.PROTOCOL_ERROR, Response(code=0, flags="DPE"))
"""The connection is closed a second later; only the listener's access log has a line of it."""
NOT_HTTP1 = End(Disposition.PROTOCOL_ERROR, Response(code=400, flags="DPE", details="http1.codec_error"))
NO_VIRTUAL_HOST = End(Disposition.NO_VIRTUAL_HOST, _ROUTE_NOT_FOUND)
NO_ROUTE = End(Disposition.NO_ROUTE, _ROUTE_NOT_FOUND)
NO_CLUSTER_FOR_TCP = End(Disposition.NO_CLUSTER, Response(code=0, flags="NC"))
"""For HTTP the route says the code: `cluster_not_found_response_code`."""
NO_HEALTHY_UPSTREAM = End(
    Disposition.NO_HEALTHY_UPSTREAM, Response(code=503, flags="UH", details="no_healthy_upstream")
)
LOOP = End(Disposition.LOOP, Response(code=0, details="loop"))
