"""Host and path rewrites of a route, in Envoy's order: host, path, then `auto_host_rewrite` once a host is chosen.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-routeaction
Only the first configured host rewrite counts. A query string is never touched by path rewrites.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.headers.inline import set_header
from meshscope.simulation.headers.substitution import Substitution, SubstitutionFacts
from meshscope.xds.extension import Extension
from meshscope.xds.message import Undecodable, decode, present
from meshscope.xds.route import Route
from meshscope.xds.route_action import RegexMatchAndSubstitute, RouteAction
from meshscope.xds.route_match import RouteMatch

if TYPE_CHECKING:
    from meshscope.simulation.matching.regex_rewrite import RegexRewrite
    from meshscope.simulation.route.uri_template_rewrite import UriTemplateRewrite

ORIGINAL_PATH = "x-envoy-original-path"


def split_path(path: str) -> tuple[str, str]:
    """The path itself, and its query (with `?`) and fragment (with `#`) as they are."""
    end = min((at for at in (path.find("?"), path.find("#")) if at >= 0), default=len(path))
    return path[:end], path[end:]


def replaced_prefix(match: RouteMatch, path: str, prefix_rewrite: str) -> str:
    """`prefix_rewrite` in the place of what matched: a prefix, or the whole path of exact, regex and CONNECT matches."""
    if match.prefix is not None:
        matched = len(match.prefix)
    elif match.path_separated_prefix is not None:
        matched = len(match.path_separated_prefix)
    elif match.path is not None:
        matched = len(match.path)
    else:
        matched = len(split_path(path)[0])
    return prefix_rewrite + path[matched:]


class Rewrites:
    """A route's rewrites, compiled once. `keeps_originals`: headers tell the upstream what was there before."""

    def __init__(self, route: Route, *, keeps_originals: bool = True) -> None:
        self._keeps_originals = keeps_originals
        action = route.route or RouteAction()
        self._match, self._action = route.match, action
        self._regex = _compiled_regex(action.regex_rewrite)
        self._host_regex = _compiled_regex(action.host_rewrite_path_regex)
        self._host_format = Substitution(action.host_rewrite, absent="-") if action.host_rewrite else None
        self._path_format = Substitution(action.path_rewrite) if action.path_rewrite else None
        self._template: UriTemplateRewrite | None = None
        if present(action.path_rewrite_policy):
            from meshscope.simulation.route.uri_template_rewrite import UriTemplateRewrite  # few routes have one

            policy = decode(action.path_rewrite_policy, Extension)
            policy = Extension(name=policy.why) if isinstance(policy, Undecodable) else policy
            self._template = UriTemplateRewrite(route.match.path_match_policy, policy)

    def apply(self, facts: SubstitutionFacts) -> tuple[HttpRequest, tuple[str, ...]]:
        """The request with its host and path as they leave before a host is chosen, and what had to be assumed."""
        host, assuming = self._host(facts)
        request = self._with_authority(facts.request, host) if host else facts.request
        path, more = self._path(replace(facts, request=request))
        return self._with_path(request, path) if path is not None else request, (*assuming, *more)

    @property
    def takes_host_name(self) -> bool:
        """`auto_host_rewrite`."""
        return bool(self._action.auto_host_rewrite)

    def with_endpoint(self, request: HttpRequest, hostname: str) -> HttpRequest:
        """`auto_host_rewrite`: the authority becomes the chosen endpoint's hostname, where it has one."""
        if not self.takes_host_name or not hostname:
            return request
        return self._with_authority(request, hostname)

    def _host(self, facts: SubstitutionFacts) -> tuple[str, tuple[str, ...]]:
        """ "" where it stays."""
        action, request = self._action, facts.request
        if action.host_rewrite_literal:
            return action.host_rewrite_literal, ()
        if action.host_rewrite_header:
            return next(iter(request.values(action.host_rewrite_header)), ""), ()
        if self._host_regex:
            return self._host_regex.replace_all(split_path(request.path)[0]), _why(self._host_regex)
        if self._host_format:
            host, operators = self._host_format.formatted(facts)
            return host, tuple(f"host_rewrite: {operator} is not known" for operator in operators)
        return "", ()

    def _path(self, facts: SubstitutionFacts) -> tuple[str | None, tuple[str, ...]]:
        """None where it stays."""
        action, whole = self._action, facts.request.path
        path, query = split_path(whole)
        if action.prefix_rewrite:
            return replaced_prefix(self._match, whole, action.prefix_rewrite), ()
        if self._regex:
            return self._regex.replace_all(path) + query, _why(self._regex)
        if self._path_format:
            path, operators = self._path_format.formatted(facts)
            unknown = tuple(f"path_rewrite: {operator} is not known" for operator in operators)
            return (path + query if path else None), unknown
        if self._template:
            why = (f"{self._template.why} leaves the path as it is",) if self._template.why else ()
            return self._template.apply(path) + query, why
        return None, ()

    def _with_authority(self, request: HttpRequest, host: str) -> HttpRequest:
        """`x-envoy-original-host` keeps the old one; `x-forwarded-host` grows by it unless it ends with it already."""
        headers, old = request.headers, request.authority or ""
        if self._action.append_x_forwarded_host and old:
            forwarded = ",".join(request.values("x-forwarded-host"))
            names = [name for name in forwarded.split(",") if name]
            if not forwarded:
                headers = set_header(headers, "x-forwarded-host", old)
            elif names and names[-1] != old:
                headers = set_header(headers, "x-forwarded-host", f"{forwarded},{old}")
        if old and self._keeps_originals:
            headers = set_header(headers, "x-envoy-original-host", old)
        return replace(request, authority=host, headers=headers)

    def _with_path(self, request: HttpRequest, path: str) -> HttpRequest:
        if not self._keeps_originals:
            return replace(request, path=path)
        return replace(request, path=path, headers=set_header(request.headers, ORIGINAL_PATH, request.path))


def _why(regex: RegexRewrite) -> tuple[str, ...]:
    return (regex.why,) if regex.why else ()


def _compiled_regex(rewrite: RegexMatchAndSubstitute | None) -> RegexRewrite | None:
    if rewrite is None:
        return None
    from meshscope.simulation.matching.regex_rewrite import RegexRewrite  # few routes have one

    return RegexRewrite(rewrite)
