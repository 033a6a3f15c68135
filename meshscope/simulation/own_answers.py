"""What is said with an answer that Envoy itself gives: the headers that the route adds, and its body's length and type.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/local_reply
"""

from __future__ import annotations

from msgspec.structs import replace

from meshscope.simulation.connection import Connection, HttpRequest
from meshscope.simulation.draft import Draft
from meshscope.simulation.outcome import End
from meshscope.simulation.route_table import RouteTools
from meshscope.simulation.substitution import Facts
from meshscope.xds.http_connection_manager import HttpConnectionManager
from meshscope.xds.message import present
from meshscope.xds.route_action import ClusterWeight, DirectResponseAction


def with_response_headers(
    draft: Draft, tools: RouteTools | None, entry: ClusterWeight | None, request: HttpRequest, connection: Connection
) -> Draft:
    """Local answers carry the response headers that the route adds; `entry` is the weighted cluster that was chosen."""
    end = draft.end
    if end is None or end.response is None or tools is None:
        return draft
    facts = Facts(request=request, connection=connection, response=end.response.headers)
    headers = tools.upstream.response_headers(end.response.headers, facts, entry)
    return replace(draft, end=End(end.disposition, replace(end.response, headers=headers)))


def with_body(
    draft: Draft,
    manager: HttpConnectionManager | None,
    request: HttpRequest,
    code: int,
    action: DirectResponseAction | None = None,
) -> Draft:
    """`local_reply_config` may write another body, whose length and type are left out."""
    from meshscope.simulation import local_reply_body  # noqa: PLC0415  # few routes answer by themselves

    end = draft.end
    if end is None or end.response is None:
        return draft
    body = local_reply_body.body_of(action) if action else ""
    if manager is not None and present(manager.local_reply_config):
        body = None
    headers = local_reply_body.with_body(end.response.headers, request, code, body)
    return replace(draft, end=End(end.disposition, replace(end.response, headers=headers)))
