"""Path specifiers of a route: one table says how each is decided, and in which words it is explained.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-routematch
"""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec import Struct

from meshscope.simulation.connection import Envoy, HttpRequest
from meshscope.simulation.guards import strip_path_parameters_per_segment
from meshscope.simulation.matching.string import ascii_lower, regex_matches
from meshscope.simulation.verdict import NO, YES, Verdict, unknown
from meshscope.xds.message import Undecodable
from meshscope.xds.route_match import RouteMatch

PathTest = Callable[[str, str, HttpRequest, Envoy], Verdict]
"""Takes the path without query (and, where the table says so, without path parameters), the path with them, the request."""

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


class PathSpecifier(Struct, frozen=True):
    """One field of the oneof. `test` is made once for a route; `because` says why a path does not fit.

    `begins`: every path that fits begins with the field's text.
    """

    field: str
    test: Callable[[RouteMatch], PathTest]
    because: Callable[[RouteMatch, str], str]
    begins: bool = False

    def beginning(self, match: RouteMatch) -> str:
        """What every path that fits begins with, "" where that is not known: a cheap test before all others."""
        return str(getattr(match, self.field)) if self.begins and match.case_sensitive is not False else ""


def _fold(match: RouteMatch) -> Callable[[str], str]:
    """`case_sensitive` counts for prefix, path and path_separated_prefix alone."""
    return ascii_lower if match.case_sensitive is False else str


def _prefix(match: RouteMatch) -> PathTest:
    fold = _fold(match)
    prefix = fold(match.prefix or "")
    return lambda path, *_: YES if fold(path).startswith(prefix) else NO


def _path(match: RouteMatch) -> PathTest:
    fold = _fold(match)
    exact = fold(match.path or "")
    return lambda path, *_: YES if fold(path) == exact else NO


def _path_separated_prefix(match: RouteMatch) -> PathTest:
    fold = _fold(match)
    whole = fold(match.path_separated_prefix or "")
    below = f"{whole}/"
    return lambda path, *_: YES if fold(path) == whole or fold(path).startswith(below) else NO


def _safe_regex(match: RouteMatch) -> PathTest:
    regex = match.safe_regex
    assert regex is not None  # noqa: S101  # the field is set
    return lambda path, _whole, _request, envoy: regex_matches(regex, path, envoy)


def _connect(match: RouteMatch) -> PathTest:
    doubt = match.connect_matcher.doubt if match.connect_matcher else ""
    holds = unknown(f"connect_matcher: {doubt}") if doubt else YES
    return lambda _path, _whole, request, _envoy: holds if is_connect(request) else NO


def _policy(match: RouteMatch) -> PathTest:
    from meshscope.simulation.matching.uri_template import path_template, uri_template_matches  # few have one

    assert match.path_match_policy is not None  # noqa: S101  # the field is set
    template = path_template(match.path_match_policy)
    if isinstance(template, Undecodable):
        doubt = unknown(template.why)
        return lambda *_: doubt
    return lambda _path, whole, _request, envoy: uri_template_matches(template, whole, envoy)


def _policy_because(match: RouteMatch, path: str) -> str:
    from meshscope.simulation.matching.uri_template import path_template  # few have one

    assert match.path_match_policy is not None  # noqa: S101  # the field is set
    template = path_template(match.path_match_policy)
    wants = template.why if isinstance(template, Undecodable) else f"URI template {template!r}"
    return f"path is {path!r}; {wants} was asked"


def is_connect(request: HttpRequest) -> bool:
    """CONNECT, or the upgrade `connect-udp`."""
    return request.method == "CONNECT" or "connect-udp" in (value.lower() for value in request.values("upgrade"))


def _because(kind: str, value: Callable[[RouteMatch], object]) -> Callable[[RouteMatch, str], str]:
    return lambda match, path: f"path is {path!r}; {kind} {value(match)!r} was asked"


SPECIFIERS = (
    PathSpecifier("prefix", _prefix, _because("prefix", lambda m: m.prefix), begins=True),
    PathSpecifier("path", _path, _because("path", lambda m: m.path), begins=True),
    PathSpecifier(
        "path_separated_prefix",
        _path_separated_prefix,
        _because("path_separated_prefix", lambda m: m.path_separated_prefix),
        begins=True,
    ),
    PathSpecifier("safe_regex", _safe_regex, _because("regex", lambda m: m.safe_regex and m.safe_regex.regex)),
    PathSpecifier("connect_matcher", _connect, lambda _match, _path: "the method is not CONNECT"),
    PathSpecifier("path_match_policy", _policy, _policy_because),
)
_NONE = PathSpecifier(
    "",
    lambda match: lambda *_: unknown(match.doubt) if match.unread else NO,
    lambda _match, path: f"path is {path!r}; no path specifier was asked",
)
"""Without a specifier a route never matches, unless a field that is not known is one."""


def specifier_of(match: RouteMatch) -> PathSpecifier:
    return next((one for one in SPECIFIERS if getattr(match, one.field) is not None), _NONE)


def path_test(match: RouteMatch) -> PathTest:
    """The test for a route's specifier."""
    return specifier_of(match).test(match)


def path_because(match: RouteMatch, path: str) -> str:
    """Why a specifier does not hold, in words that name what would have to change."""
    return specifier_of(match).because(match, path)
