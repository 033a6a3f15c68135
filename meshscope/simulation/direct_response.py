"""`direct_response` of a route.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-directresponseaction
"""

from __future__ import annotations

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.local_reply import local_reply
from meshscope.simulation.trace import Response
from meshscope.xds.route_action import DirectResponseAction


def direct_response(action: DirectResponseAction, request: HttpRequest) -> Response:
    """The answer; 201 and 3xx lead to the request's own URI. Response header mutations come on top of it."""
    if action.status == 201 or 300 <= action.status < 400:
        from meshscope.simulation.redirect import moved, own_uri  # noqa: PLC0415  # few answers lead elsewhere

        return moved(request, action.status, own_uri(request))
    return local_reply(request, action.status, "direct_response")
