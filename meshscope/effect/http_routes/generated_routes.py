"""What is different in routes of VirtualServices that istiod made of the Gateway API or of Ingress.

Prefixes are of whole segments, and a path that replaces a prefix may be empty
(https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/route/route.go, UseGatewaySemantics).
"""

from __future__ import annotations

import re

from msgspec.structs import replace

from meshscope.effect.gateway_api.route_filters import PREFIX
from meshscope.effect.generated import GATEWAY
from meshscope.xds.matcher import RegexMatcher
from meshscope.xds.route import Route
from meshscope.xds.route_action import RedirectAction, RegexMatchAndSubstitute, RouteAction
from meshscope.xds.route_match import RouteMatch

_META = re.compile(r"([\\.+*?()|\[\]{}^$])")


def of_origin(route: Route, origin: str, *, knows_segments: bool = True) -> Route:
    """The route as istiod makes it of a VirtualService with these semantics. `knows_segments`: since Istio 1.14."""
    match = _by_segments(route.match, knows_segments=knows_segments)
    if origin != GATEWAY:
        return replace(route, match=match)
    return replace(
        route,
        match=match,
        route=_rewritten(route.route, match) if route.route else None,
        redirect=_redirected(route.redirect) if route.redirect else None,
    )


def _by_segments(match: RouteMatch, *, knows_segments: bool) -> RouteMatch:
    if match.prefix is None or match.prefix == "/":
        return match
    if not knows_segments:
        pattern = match.prefix.removesuffix("/") + r"((\/).*)?"
        return replace(match, prefix=None, safe_regex=RegexMatcher(regex=pattern))
    return replace(match, prefix=None, path_separated_prefix=match.prefix.removesuffix("/"))


def _rewritten(action: RouteAction, match: RouteMatch) -> RouteAction:
    """A prefix that is taken away leaves a slash."""
    if action.prefix_rewrite != "/":
        return action
    prefix = _META.sub(r"\\\1", match.path_separated_prefix or "")
    pattern = f"^{prefix}(/?)(.*)"
    rewrite = RegexMatchAndSubstitute(pattern=RegexMatcher(regex=pattern), substitution=r"/\2")
    return replace(action, prefix_rewrite="", regex_rewrite=rewrite)


def _redirected(redirect: RedirectAction) -> RedirectAction:
    if not redirect.path_redirect.startswith(PREFIX):
        return redirect
    return replace(redirect, path_redirect="", prefix_rewrite=redirect.path_redirect.removeprefix(PREFIX))
