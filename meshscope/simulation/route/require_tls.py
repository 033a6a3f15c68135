"""`require_tls` of a virtual host: a redirect to https before any of its routes is asked.

It looks at `x-forwarded-proto`, not at the connection.
https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#enum-config-route-v3-virtualhost-tlsrequirementtype
"""

from __future__ import annotations

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.endings import NO_ROUTE, End
from meshscope.simulation.trace import Response
from meshscope.xds.route import VirtualHost


def tls_redirect(virtual_host: VirtualHost, request: HttpRequest) -> End | None:
    """How the request ends here, None where it goes on to the routes. The host keeps its port.

    A connection manager always sets `x-forwarded-proto`; where the caller gave none, the scheme stands for it.
    """
    required = virtual_host.require_tls.upper()  # Envoy reads enums in any case
    proto = next(iter(request.values("x-forwarded-proto")), request.scheme)
    if not proto:
        return NO_ROUTE
    if proto == "https" or required not in ("ALL", "EXTERNAL_ONLY"):
        return None
    if required == "EXTERNAL_ONLY" and request.internal:
        return None
    location = f"https://{request.authority or ''}{request.path}" if request.path else None
    return End(Disposition.REDIRECT, Response(code=301, details="direct_response", location=location))
