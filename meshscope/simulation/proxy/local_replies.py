"""Answers that Envoy itself gives: of a route, the headers that the route adds, and the body's length and type.

The body comes last, when every header mutation is done.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/local_reply
https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-directresponseaction
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.endings import End
from meshscope.simulation.headers.inline import set_header
from meshscope.simulation.headers.substitution import SubstitutionFacts
from meshscope.simulation.http_filters.filter import FilterContext
from meshscope.simulation.http_filters.header_facts import header_facts
from meshscope.simulation.local_reply import is_grpc, local_reply
from meshscope.simulation.proxy.draft import Draft
from meshscope.simulation.request import Headers
from meshscope.simulation.route.table import CompiledAction
from meshscope.simulation.trace import Response
from meshscope.xds.data_source import DataSource
from meshscope.xds.http_connection_manager import HttpConnectionManager
from meshscope.xds.message import decode, present
from meshscope.xds.route import Route
from meshscope.xds.route_action import ClusterWeight, DirectResponseAction

_GRPC_STATUS = {400: "13", 401: "16", 403: "7", 404: "12", 429: "14", 502: "14", 503: "14", 504: "14"}
_OF_A_BODY = ("content-length", "content-type")


def body_of(action: DirectResponseAction) -> str | None:
    """The body; None where it is unknown: in a file or the environment, no text, or written by a format."""
    if present(action.body_format):
        return None
    if not present(action.body):
        return ""
    source = decode(action.body, DataSource)
    return source.text if isinstance(source, DataSource) else None


def body_headers(headers: Headers, request: HttpRequest, code: int, body: str | None) -> Headers:
    """The body's length in place of any other, `text/plain` where no type is set, and neither without a body. A gRPC client
    gets `code` and body in `grpc-status` and `grpc-message`. With an unknown body both headers are left out.
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


def direct_response(action: DirectResponseAction, request: HttpRequest) -> Response:
    """The answer before header mutations; 201 and 3xx lead to the request's own URI."""
    if action.status == 201 or 300 <= action.status < 400:
        from meshscope.simulation.route.redirect import moved, own_uri  # few answers lead elsewhere

        return moved(request, action.status, own_uri(request))
    return local_reply(request, action.status, "direct_response")


def with_response_headers(
    draft: Draft,
    action: CompiledAction | None,
    entry: ClusterWeight | None,
    facts: SubstitutionFacts,
) -> Draft:
    """Local answers carry the response headers that the route adds; `entry` is the weighted cluster that was chosen."""
    end = draft.end
    if end is None or end.response is None or not end.response.code or action is None:
        return draft
    headers = action.upstream.response_headers(end.response.headers, facts, entry)
    return replace(draft, end=End(end.disposition, replace(end.response, headers=headers)))


class RouteAnswer(Struct, frozen=True):
    """A route that redirects or answers by itself; `entry` is the weighted cluster that was chosen, whose headers count too."""

    route: Route
    action: CompiledAction
    entry: ClusterWeight | None = None

    def to(
        self, draft: Draft, request: HttpRequest, manager: HttpConnectionManager | None, seen: FilterContext
    ) -> Draft:
        """With the response headers that the route adds, then the body. `local_reply_config` may write another one, whose
        length and type are left out.
        """
        if self.route.redirect is not None:
            code, body = self.route.redirect.code, self._body(None, manager)
            answer = self.action.redirect.answer(request, of_table=manager is None)
            end = End(Disposition.REDIRECT, answer)
            request = self.action.redirect.rewritten(request)
        else:
            direct = self.route.direct_response or DirectResponseAction()
            code, body = direct.status, self._body(direct, manager)
            end = End(Disposition.DIRECT_RESPONSE, direct_response(direct, request))
        facts = header_facts(request, seen)
        draft = with_response_headers(replace(draft, end=end), self.action, self.entry, facts)
        if draft.end is None or draft.end.response is None:
            return draft
        headers = body_headers(draft.end.response.headers, request, code, body)
        return replace(draft, end=End(draft.end.disposition, replace(draft.end.response, headers=headers)))

    def _body(self, direct: DirectResponseAction | None, manager: HttpConnectionManager | None) -> str | None:
        if manager is not None and present(manager.local_reply_config):
            return None
        return body_of(direct) if direct else ""
