"""Matchers of strings, headers, query parameters, cookies and values; how they read, not how they decide.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/type/matcher/v3/string.proto
https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-headermatcher
"""

from __future__ import annotations

from msgspec import Raw

from meshscope.xds.extension import Extension
from meshscope.xds.matcher_message import MatcherMessage, MatcherPart


class RegexMatcher(MatcherPart, frozen=True):
    """`google_re2` is the older way to name the only engine there is; it decides nothing."""

    regex: str = ""
    google_re2: Raw = Raw()


class StringMatcher(MatcherMessage, frozen=True):
    """One of exact, prefix, suffix, contains, safe_regex, custom is set."""

    exact: str | None = None
    prefix: str | None = None
    suffix: str | None = None
    contains: str | None = None
    safe_regex: RegexMatcher | None = None
    custom: Extension | None = None
    ignore_case: bool = False

    def pattern(self) -> tuple[str, str] | None:
        """The field that is set and its text; None where none is."""
        for field in PATTERNS:
            value = getattr(self, field)
            if value is not None:
                return field, value if isinstance(value, str) else _text(value)
        return None

    def __str__(self) -> str:
        field, text = self.pattern() or ("", "")
        return self.with_doubt(PATTERNS.get(field, "") + text + (" (any case)" if self.ignore_case else ""))


PATTERNS = {"exact": "=", "prefix": "^=", "suffix": "$=", "contains": "*=", "safe_regex": "~", "custom": "custom "}
"""The fields of StringMatcher of which one is set, and the sign that stands for each in a row."""


def _text(value: RegexMatcher | Extension) -> str:
    return value.regex if isinstance(value, RegexMatcher) else value.type_name or value.name


class Int64Range(MatcherPart, frozen=True):
    start: int = 0
    end: int = 0


class HeaderMatcher(MatcherMessage, frozen=True):
    """`exact_match` … `contains_match` are the older spellings of `string_match`; an absent specifier asks for presence."""

    name: str = ""
    string_match: StringMatcher | None = None
    exact_match: str | None = None
    prefix_match: str | None = None
    suffix_match: str | None = None
    contains_match: str | None = None
    safe_regex_match: RegexMatcher | None = None
    range_match: Int64Range | None = None
    present_match: bool | None = None
    invert_match: bool = False
    treat_missing_header_as_empty: bool = False

    @property
    def string(self) -> StringMatcher | None:
        """`string_match`, or the older spelling in its form; None without any."""
        if self.string_match is not None:
            return self.string_match
        older = StringMatcher(
            exact=self.exact_match,
            prefix=self.prefix_match,
            suffix=self.suffix_match,
            contains=self.contains_match,
            safe_regex=self.safe_regex_match,
        )
        return older if older != _NO_PATTERN else None

    def __str__(self) -> str:
        return self.with_doubt(f"{'not ' if self.invert_match else ''}{self.name}{self._specifier()}")

    def _specifier(self) -> str:
        if self.range_match:
            return f" in [{self.range_match.start},{self.range_match.end})"
        if self.present_match is False:
            return " absent"
        return str(self.string or "")


_NO_PATTERN = StringMatcher()


class QueryParameterMatcher(MatcherMessage, frozen=True):
    name: str = ""
    string_match: StringMatcher | None = None
    present_match: bool | None = None

    def __str__(self) -> str:
        if self.string_match:
            return self.with_doubt(f"?{self.name}{self.string_match}")
        return self.with_doubt(f"?{self.name}{' absent' if self.present_match is False else ''}")


class CookieMatcher(MatcherMessage, frozen=True):
    name: str = ""
    string_match: StringMatcher | None = None
    invert_match: bool = False

    def __str__(self) -> str:
        return self.with_doubt(f"{'not ' if self.invert_match else ''}cookie {self.name}{self.string_match or ''}")


class PathSegment(MatcherPart, frozen=True):
    key: str = ""


class MetadataMatcher(MatcherMessage, frozen=True):
    """`value` and `or_match` stay raw until something decides by them."""

    filter: str = ""
    path: tuple[PathSegment, ...] = ()
    value: Raw = Raw()
    invert: bool = False

    def __str__(self) -> str:
        keys = ".".join(segment.key for segment in self.path)
        return self.with_doubt(f"{'not ' if self.invert else ''}metadata {self.filter}:{keys}")


class FilterStateMatcher(MatcherMessage, frozen=True):
    key: str = ""
    string_match: StringMatcher | None = None
    address_match: Raw = Raw()

    def __str__(self) -> str:
        return self.with_doubt(f"filter state {self.key}{self.string_match or ''}")
