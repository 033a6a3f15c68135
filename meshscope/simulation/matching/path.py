"""Path specifiers of a route: each as a test on the path, made once for the route.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-routematch
"""

from __future__ import annotations

import re
from collections.abc import Callable

from meshscope.simulation.connection import Envoy, HttpRequest
from meshscope.simulation.guards import strip_path_parameters_per_segment
from meshscope.simulation.matching.string import ascii_lower, regex_matches
from meshscope.simulation.verdict import NO, YES, Verdict, unknown
from meshscope.xds.message import Undecodable, present
from meshscope.xds.route_match import RouteMatch

PathTest = Callable[[str, str, HttpRequest, Envoy], Verdict]
"""Over the path without query (and, where the table says so, without path parameters), the same with them, and the rest."""

_PARAMETERS = r";[^/]*"


def path_without_query(path: str) -> str:
    end = path.find("?")
    path = path if end < 0 else path[:end]
    end = path.find("#")
    return path if end < 0 else path[:end]


def path_without_parameters(path: str, envoy: Envoy) -> str:
    """For `ignore_path_parameters_in_path_matching`: `/foo;x=1/bar;y` is `/foo/bar`, in older releases `/foo`."""
    if ";" not in path:
        return path
    return re.sub(_PARAMETERS, "", path) if strip_path_parameters_per_segment(envoy) else path.partition(";")[0]


def path_test(match: RouteMatch) -> PathTest:
    """The test for a route's specifier; one that never holds where there is none, unless a field that is not known is one."""
    otherwise = unknown(match.doubt) if match.unread else NO
    return _text_test(match) or _other_test(match) or (lambda *_: otherwise)


def path_beginning(match: RouteMatch) -> str:
    """What every path begins with that a specifier takes, "" where nothing can be said: it spares most of the asking."""
    if match.case_sensitive is False:
        return ""
    return next((text for text in (match.prefix, match.path, match.path_separated_prefix) if text is not None), "")


def _text_test(match: RouteMatch) -> PathTest | None:
    """Prefix, path and path_separated_prefix; `case_sensitive` counts for these alone."""
    fold = ascii_lower if match.case_sensitive is False else str
    if match.prefix is not None:
        prefix = fold(match.prefix)
        return lambda path, *_: YES if fold(path).startswith(prefix) else NO
    if match.path is not None:
        exact = fold(match.path)
        return lambda path, *_: YES if fold(path) == exact else NO
    if match.path_separated_prefix is not None:
        whole = fold(match.path_separated_prefix)
        below = f"{whole}/"
        return lambda path, *_: YES if fold(path) == whole or fold(path).startswith(below) else NO
    return None


def _other_test(match: RouteMatch) -> PathTest | None:
    if match.safe_regex is not None:
        regex = match.safe_regex
        return lambda path, _whole, _request, envoy: regex_matches(regex, path, envoy)
    if present(match.connect_matcher):
        return lambda _path, _whole, request, _envoy: YES if is_connect(request) else NO
    if match.path_match_policy is not None:
        from meshscope.simulation.matching.uri_template import path_template, uri_template_matches  # few have one

        template = path_template(match.path_match_policy)
        if isinstance(template, Undecodable):
            doubt = unknown(template.why)
            return lambda *_: doubt
        return lambda _path, whole, _request, envoy: uri_template_matches(template, whole, envoy)
    return None


def is_connect(request: HttpRequest) -> bool:
    """CONNECT, or the upgrade `connect-udp`."""
    return request.method == "CONNECT" or "connect-udp" in (value.lower() for value in request.values("upgrade"))


def path_because(match: RouteMatch, path: str) -> str:
    """Why a specifier does not hold, in words that name what would have to change."""
    if present(match.connect_matcher):
        return "the method is not CONNECT"
    kinds = {
        "prefix": match.prefix,
        "path": match.path,
        "path_separated_prefix": match.path_separated_prefix,
        "regex": match.safe_regex.regex if match.safe_regex else None,
    }
    asked = next((f"{kind} {value!r}" for kind, value in kinds.items() if value is not None), "")
    if match.path_match_policy is not None:
        from meshscope.simulation.matching.uri_template import path_template  # few have one

        template = path_template(match.path_match_policy)
        asked = template.why if isinstance(template, Undecodable) else f"URI template {template!r}"
    return f"path is {path!r}; {asked or 'no path specifier'} was asked"
