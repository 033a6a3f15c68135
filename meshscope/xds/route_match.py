"""What a route asks of a request.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-routematch
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Raw

from meshscope.xds.extension import Extension
from meshscope.xds.marks import Enum
from meshscope.xds.matcher import (
    CookieMatcher,
    FilterStateMatcher,
    HeaderMatcher,
    MetadataMatcher,
    QueryParameterMatcher,
    RegexMatcher,
)
from meshscope.xds.matcher_message import MatcherMessage, MatcherPart
from meshscope.xds.message import present

DENOMINATORS = {"HUNDRED": 100, "TEN_THOUSAND": 10_000, "MILLION": 1_000_000, "0": 100, "1": 10_000, "2": 1_000_000}


class FractionalPercent(MatcherPart, frozen=True):
    numerator: int = 0
    denominator: Enum = "HUNDRED"

    @property
    def share(self) -> float:
        """Between 0 and 1; a denominator that is not known counts as a hundred."""
        return min(1.0, self.numerator / DENOMINATORS.get(self.denominator.upper(), 100))

    @property
    def doubt(self) -> str:
        """Why the share is not known; "" where it is."""
        is_known = self.denominator.upper() in DENOMINATORS
        return "" if is_known else f"denominator {self.denominator} is not known to meshscope"

    def __str__(self) -> str:
        return f"{100 * self.share:g}%"


class RuntimeFractionalPercent(MatcherPart, frozen=True):
    default_value: FractionalPercent = FractionalPercent()
    runtime_key: str = ""


class TlsContextMatch(MatcherMessage, frozen=True):
    presented: bool | None = None
    validated: bool | None = None


class RouteMatch(MatcherMessage, frozen=True):
    """A path specifier and further conditions; all have to hold."""

    prefix: str | None = None
    path: str | None = None
    safe_regex: RegexMatcher | None = None
    path_separated_prefix: str | None = None
    connect_matcher: Raw = Raw()
    path_match_policy: Extension | None = None
    case_sensitive: bool | None = None
    runtime_fraction: RuntimeFractionalPercent | None = None
    headers: tuple[HeaderMatcher, ...] = ()
    query_parameters: tuple[QueryParameterMatcher, ...] = ()
    cookies: tuple[CookieMatcher, ...] = ()
    grpc: Raw = Raw()
    tls_context: TlsContextMatch | None = None
    dynamic_metadata: tuple[MetadataMatcher, ...] = ()
    filter_state: tuple[FilterStateMatcher, ...] = ()

    def path_specifier(self) -> str:
        """As istioctl's MATCH column writes it: `/exact`, `/prefix*`, a regex as it stands."""
        if self.path is not None:
            text = self.path
        elif self.prefix is not None:
            text = f"{self.prefix}*"
        elif self.path_separated_prefix is not None:
            text = f"{self.path_separated_prefix}[/*]"
        elif self.safe_regex is not None:
            text = f"regex {self.safe_regex.regex}"
        elif present(self.connect_matcher):
            text = "CONNECT"
        elif self.path_match_policy is not None:
            text = f"path policy {self.path_match_policy.name}"
        else:
            text = "(no path specifier)"
        return text + (" (any case)" if self.case_sensitive is False else "")

    def conditions(self) -> Iterator[str]:
        """Everything beside the path, in the order in which Envoy asks."""
        if self.runtime_fraction:
            yield str(self.runtime_fraction.default_value)
        if present(self.grpc):
            yield "gRPC"
        yield from map(str, self.headers)
        yield from map(str, self.query_parameters)
        yield from map(str, self.cookies)
        if self.tls_context:
            shown = {"presented": self.tls_context.presented, "validated": self.tls_context.validated}
            yield from (f"client certificate {'' if v else 'not '}{k}" for k, v in shown.items() if v is not None)
            if self.tls_context.unread:
                yield f"client certificate: {self.tls_context.doubt}"
        yield from map(str, self.dynamic_metadata)
        yield from map(str, self.filter_state)
        if self.unread:
            yield self.doubt

    def __str__(self) -> str:
        return "; ".join([self.path_specifier(), *self.conditions()])
