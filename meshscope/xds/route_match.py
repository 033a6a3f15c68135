"""What a route asks of a request.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-routematch
"""

from __future__ import annotations

from collections.abc import Iterator

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

    def __str__(self) -> str:
        return str(self.default_value)


class ConnectMatcher(MatcherMessage, frozen=True):
    """CONNECT requests; it has no fields."""


class GrpcRouteMatchOptions(MatcherMessage, frozen=True):
    """gRPC requests; it has no fields."""

    def __str__(self) -> str:
        return self.with_doubt("gRPC")


class TlsContextMatch(MatcherMessage, frozen=True):
    presented: bool | None = None
    validated: bool | None = None

    def wanted(self) -> Iterator[tuple[str, bool]]:
        """What is asked of a client certificate."""
        facts = (("presented", self.presented), ("validated", self.validated))
        yield from ((what, value) for what, value in facts if value is not None)

    def __str__(self) -> str:
        words = (f"client certificate {'' if value else 'not '}{what}" for what, value in self.wanted())
        return self.with_doubt("; ".join(words))


class RouteMatch(MatcherMessage, frozen=True):
    """A path specifier and further conditions, in the order in which Envoy asks them; all have to hold.

    Each condition prints itself.
    """

    prefix: str | None = None
    path: str | None = None
    safe_regex: RegexMatcher | None = None
    path_separated_prefix: str | None = None
    connect_matcher: ConnectMatcher | None = None
    path_match_policy: Extension | None = None
    case_sensitive: bool | None = None
    runtime_fraction: RuntimeFractionalPercent | None = None
    grpc: GrpcRouteMatchOptions | None = None
    headers: tuple[HeaderMatcher, ...] = ()
    query_parameters: tuple[QueryParameterMatcher, ...] = ()
    cookies: tuple[CookieMatcher, ...] = ()
    tls_context: TlsContextMatch | None = None
    dynamic_metadata: tuple[MetadataMatcher, ...] = ()
    filter_state: tuple[FilterStateMatcher, ...] = ()

    def path_specifier(self) -> str:
        """As istioctl's MATCH column writes it: `/exact`, `/prefix*`, a regex as it is."""
        if self.path is not None:
            text = self.path
        elif self.prefix is not None:
            text = f"{self.prefix}*"
        elif self.path_separated_prefix is not None:
            text = f"{self.path_separated_prefix}[/*]"
        elif self.safe_regex is not None:
            text = f"regex {self.safe_regex.regex}"
        elif self.connect_matcher is not None:
            text = self.connect_matcher.with_doubt("CONNECT")
        elif self.path_match_policy is not None:
            text = f"path policy {self.path_match_policy.name}"
        else:
            text = "(no path specifier)"
        return text + (" (any case)" if self.case_sensitive is False else "")

    def conditions(self) -> Iterator[str]:
        """Everything beside the path."""
        for name in CONDITIONS:
            value = getattr(self, name)
            if isinstance(value, tuple):
                yield from map(str, value)
            elif value is not None:
                yield str(value)
        if self.unread:
            yield self.doubt

    def __str__(self) -> str:
        return "; ".join([self.path_specifier(), *self.conditions()])


_OF_THE_PATH = frozenset({
    "prefix", "path", "safe_regex", "path_separated_prefix", "connect_matcher", "path_match_policy", "case_sensitive",
})  # fmt: skip
CONDITIONS = tuple(name for name in RouteMatch.__struct_fields__ if name not in _OF_THE_PATH | {"unread"})
"""The fields of RouteMatch that are conditions beside the path."""
