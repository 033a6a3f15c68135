"""StringMatcher and RegexMatcher on a value.

Deciding builds no words: a no carries no reason, `pattern_words` says what a matcher wants. Case is ASCII's, as in Envoy.
https://www.envoyproxy.io/docs/envoy/latest/api-v3/type/matcher/v3/string.proto
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from meshscope.simulation.connection import Envoy
from meshscope.simulation.guards import re2_use_latin1_mode
from meshscope.simulation.verdict import NO, YES, Verdict, unknown
from meshscope.xds.matcher import RegexMatcher, StringMatcher

NEWEST = Envoy()


def string_matches(matcher: StringMatcher, value: str, envoy: Envoy = NEWEST) -> Verdict:
    """Unknown for a field that is not known, for `custom`, for a regex that RE2 refuses, and where no pattern is set."""
    if matcher.unread:
        return unknown(matcher.doubt)
    if matcher.safe_regex is not None:  # ignore_case with it is rejected at load
        return regex_matches(matcher.safe_regex, value, envoy)
    fold = ascii_lower if matcher.ignore_case else str
    value = fold(value)
    if matcher.exact is not None:
        holds = value == fold(matcher.exact)
    elif matcher.prefix is not None:
        holds = value.startswith(fold(matcher.prefix))
    elif matcher.suffix is not None:
        holds = value.endswith(fold(matcher.suffix))
    elif matcher.contains is not None:
        holds = fold(matcher.contains) in value
    else:
        custom = matcher.custom
        return unknown(f"custom string matcher {custom.type_name or custom.name}" if custom else "no string pattern")
    return YES if holds else NO


def regex_matches(matcher: RegexMatcher, value: str, envoy: Envoy = NEWEST) -> Verdict:
    """The whole value has to match: https://github.com/google/re2/wiki/Syntax."""
    is_ascii = value.isascii() and matcher.regex.isascii()
    compiled = compiled_regex(matcher.regex, latin1=is_ascii or re2_use_latin1_mode(envoy))
    if isinstance(compiled, str):
        return unknown(f"regex {matcher.regex!r} is refused: {compiled}")
    return YES if compiled.fullmatch(value.encode("utf-8", "surrogatepass")) else NO


@lru_cache(maxsize=65_536)
def compiled_regex(regex: str, *, latin1: bool = True) -> Any:
    """An RE2 over bytes, or in words why RE2 refuses it. `latin1`: one byte is one character."""
    import re2  # type: ignore[import-untyped]  # no stubs; only who meets a regex pays for RE2

    options = re2.Options()
    options.log_errors = False
    options.encoding = re2.Options.Encoding.LATIN1 if latin1 else re2.Options.Encoding.UTF8
    try:
        return re2.compile(regex.encode("utf-8", "surrogatepass"), options)
    except re2.error as error:
        why = error.args[0] if error.args else "no reason given"
        return why.decode("utf-8", "replace") if isinstance(why, bytes) else str(why)


def ascii_lower(text: str) -> str:
    return text.lower() if text.isascii() else text.translate(_LOWER)


_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def pattern_words(matcher: StringMatcher) -> str:
    """What a matcher wants, in the field's words: `exact 'jason'`, `prefix '/a' (any case)`."""
    field, value = matcher.pattern() or ("", "")
    text = f"{_NAMES.get(field, field)} {value!r}" if field else "nothing"
    return matcher.with_doubt(text + (" (any case)" if matcher.ignore_case else ""))


_NAMES = {"safe_regex": "regex"}
