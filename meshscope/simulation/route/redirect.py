"""Redirects of a route: the location and the code.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-redirectaction
"""

from __future__ import annotations

from msgspec.structs import replace

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.headers.inline import set_header
from meshscope.simulation.local_reply import local_reply
from meshscope.simulation.matching.regex_rewrite import RegexRewrite
from meshscope.simulation.route.rewrites import ORIGINAL_PATH, replaced_prefix, split_path
from meshscope.simulation.trace import Response
from meshscope.xds.route import Route
from meshscope.xds.route_action import RedirectAction


class Redirect:
    """A route's redirect, compiled once. `why` is not "" where its regex does not compile; the path then stays."""

    def __init__(self, route: Route) -> None:
        self._action = route.redirect or RedirectAction()
        self._match = route.match
        self._regex = RegexRewrite(self._action.regex_rewrite) if self._action.regex_rewrite else None
        self.why = self._regex.why if self._regex else ""

    def answer(self, request: HttpRequest, *, of_table: bool = False) -> Response:
        """What the proxy answers, before response header mutations. `of_table`: what the route alone says, which has a URI for
        every request.
        """
        return moved(request, self._action.code, self.uri(request) if of_table else self.location(request))

    def rewritten(self, request: HttpRequest) -> HttpRequest:
        """The request as response header mutations see it: with the path of `prefix_rewrite` or `regex_rewrite`."""
        path = self._rewritten_path(request)
        if path is None:
            return request
        return replace(request, path=path, headers=set_header(request.headers, ORIGINAL_PATH, request.path))

    def location(self, request: HttpRequest) -> str | None:
        """None where the request has no path, as a plain CONNECT, and gets none: then Envoy names no location."""
        rewritten = self._rewritten_path(request)
        return self.uri(request) if (request.path if rewritten is None else rewritten) else None

    def uri(self, request: HttpRequest) -> str:
        action, rewritten = self._action, self._rewritten_path(request)
        scheme = action.scheme_redirect or ("https" if action.https_redirect else request.scheme)
        port = f":{action.port_redirect}" if action.port_redirect else ""
        host = action.host_redirect or _request_host(request, scheme, port)
        return f"{scheme}://{host}{port}{self._path(request, rewritten)}"

    def _rewritten_path(self, request: HttpRequest) -> str | None:
        if self._regex:
            alone, query = split_path(request.path)
            return self._regex.replace_all(alone) + query
        if self._action.prefix_rewrite:
            return replaced_prefix(self._match, request.path, self._action.prefix_rewrite)
        return None

    def _path(self, request: HttpRequest, rewritten: str | None) -> str:
        """A query of `path_redirect`'s own wins over the request's, and over `strip_query`."""
        action, path = self._action, request.path if rewritten is None else rewritten
        own_query = "?" in action.path_redirect
        if action.path_redirect:
            question = request.path.find("?")
            path = action.path_redirect + (request.path[question:] if question >= 0 and not own_query else "")
        if not path.startswith("/"):
            path = f"/{path}"
        return path.partition("?")[0] if action.strip_query and not own_query else path


def moved(request: HttpRequest, code: int, location: str | None) -> Response:
    headers = (("location", location),) if location else ()
    return replace(local_reply(request, code, "direct_response", headers=headers), location=location)


def own_uri(request: HttpRequest) -> str | None:
    """The URI of the request itself, as a redirect without any field leads to."""
    return Redirect(Route(redirect=RedirectAction())).location(request)


def _request_host(request: HttpRequest, scheme: str, port: str) -> str:
    """The request's host, without its port where a new one is set, or where it is the old scheme's default and that changes.

    The old scheme is `x-forwarded-proto`, which the connection manager sets.
    """
    host = request.authority or ""
    colon = host.rfind("]:") + 1 or -1 if host.startswith("[") else host.rfind(":")
    if colon < 0:
        return host
    before = next(iter(request.values("x-forwarded-proto")), request.scheme)
    default = {"https": ":443", "http": ":80"}.get(before)
    if port or (scheme != before and host[colon:] == default):
        return host[:colon]
    return host
