"""Random matchers of strings, headers, query parameters and cookies."""

from __future__ import annotations

from hypothesis import strategies as st

from . import values
from .messages import Message, merged, one, some, true
from .values import regexes


def strings(texts: st.SearchStrategy[str] = values.values) -> Message:
    """`envoy.type.matcher.v3.StringMatcher`; only `exact` may be empty, and a regex has no case to ignore."""
    full = texts.filter(bool)
    plain = merged(one(exact=texts, prefix=full, suffix=full, contains=full), some(ignore_case=true))
    return st.one_of(plain, one(safe_regex=regexes))


_ranges = st.sampled_from(((0, 3), (-5, 0), (1, 2), (5, 6))).map(lambda ends: {"start": ends[0], "end": ends[1]})
_value_specifiers = one(
    string_match=strings(),
    exact_match=values.values,
    prefix_match=values.values.filter(bool),
    suffix_match=values.values.filter(bool),
    contains_match=values.values.filter(bool),
    safe_regex_match=regexes,
    range_match=_ranges,
    present_match=st.booleans(),
)
_names = st.one_of(values.header_names, values.header_names, st.sampled_from(values.PSEUDO_HEADERS))
_more = some(invert_match=true, treat_missing_header_as_empty=true)

headers: Message = st.one_of(
    merged(some({"name": _names}), _value_specifiers, _more),
    some({"name": _names}, invert_match=true),
    merged(some({"name": ":path"}), one(string_match=strings(values.paths), prefix_match=values.plain_paths)),
    merged(some({"name": ":method"}), one(string_match=strings(st.sampled_from(values.METHODS)))),
)
query_parameters: Message = merged(
    some({"name": st.sampled_from(("x", "y", "%78", "X"))}),
    st.one_of(
        st.just({}),
        one(string_match=strings(st.sampled_from(("1", "", "ab", "%31", "a+b", "1=2"))), present_match=st.booleans()),
    ),
)  # fmt: skip
cookies: Message = merged(
    some({"name": st.sampled_from(("sid", "SID", "u"))}, invert_match=true), one(string_match=strings())
)
