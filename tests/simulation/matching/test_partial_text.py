from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.simulation.connection import Envoy, HttpRequest
from meshscope.simulation.headers.inline import CLIENT_CERT
from meshscope.simulation.matching.header import header_matches
from meshscope.simulation.matching.partial_text import partial_matches, required_literals
from meshscope.simulation.matching.string import string_matches
from meshscope.xds.matcher import HeaderMatcher, RegexMatcher, StringMatcher

from ..reading import read

ENVOY = Envoy()
SLEEP = "spiffe://cluster.local/ns/default/sa/sleep"
TEXT = f'By=spiffe://td/server;Hash=…;Subject="…";URI={SLEEP}'
DIGEST = "9ebc1474d0df5e376ca568d3798ed86c76df83af1f7880eb0a5d7727a473aec5"


def answer(matcher: dict[str, Any], text: str = TEXT) -> str:
    return partial_matches(read(StringMatcher, matcher), text, ENVOY).answer


def regex(text: str) -> dict[str, Any]:
    return {"safe_regex": {"regex": text}}


@pytest.mark.parametrize(
    ("matcher", "result"),
    [
        ({"contains": f"URI={SLEEP}"}, "yes"),
        ({"contains": f"uri={SLEEP}"}, "unknown"),  # the subject may be any text
        ({"contains": f"uri={SLEEP}", "ignore_case": True}, "yes"),
        ({"contains": DIGEST}, "unknown"),
        ({"contains": DIGEST + "0;"}, "unknown"),
        ({"prefix": "By=spiffe://td/server;Hash="}, "yes"),
        ({"prefix": f"By=spiffe://td/server;Hash={DIGEST}"}, "unknown"),
        ({"prefix": f"By=spiffe://td/server;Hash={DIGEST}0"}, "no"),
        ({"prefix": "By=spiffe://td/server;Hash=xyz"}, "no"),
        ({"prefix": "By=spiffe://td/other"}, "no"),
        ({"suffix": f"URI={SLEEP}"}, "yes"),
        ({"suffix": "/sa/other"}, "no"),
        ({"suffix": f'"CN=x";URI={SLEEP}'}, "unknown"),
        ({"exact": TEXT}, "no"),
        ({"exact": f'By=spiffe://td/server;Hash={DIGEST};Subject="";URI={SLEEP}'}, "unknown"),
        ({"exact": f"URI={SLEEP}"}, "no"),
        (regex(f".*URI={SLEEP}"), "yes"),
        (regex(".*;URI=spiffe://[^/]+/ns/(default|other)/sa/sleep(;.*)?"), "yes"),
        (regex(r"By=.*;Hash=[0-9a-f]{64};.*"), "unknown"),  # it holds, but no wildcard meets the hash
        (regex(".*[^0-9a-f]"), "yes"),
        (regex(r"By=.*;Hash=[0-8a-f]{64};.*"), "unknown"),
        (regex(f".*Hash={DIGEST};.*"), "unknown"),
        (regex('.*Subject="[a-z ]*";.*'), "unknown"),
        (regex(r"By=spiffe://td/other;.*"), "unknown"),
        (regex("["), "unknown"),
        ({}, "unknown"),
    ],
)
def test_it_is_unknown_only_where_the_gaps_decide(matcher: dict[str, Any], result: str) -> None:
    assert answer(matcher) == result


@pytest.mark.parametrize(
    ("matcher", "result"),
    [
        ({"contains": "URI=spiffe://other"}, "no"),
        ({"contains": f"{DIGEST}0"}, "no"),
        ({"contains": "Hash=0;"}, "no"),
        (regex(".*URI=spiffe://other.*"), "no"),
        (regex(r".*;URI=spiffe://cluster\.local/ns/[^/]+/sa/other"), "no"),
        (regex(r"By=spiffe://td/other;.*"), "no"),
        (regex(".*URI=(spiffe://other|spiffe://third).*"), "unknown"),
    ],
)
def test_a_hash_has_no_room_for_an_identity(matcher: dict[str, Any], result: str) -> None:
    assert answer(matcher, f"By=spiffe://td/server;Hash=…;URI={SLEEP}") == result


_AROUND = st.text("aA;,=", max_size=4)
_DIGEST = st.text("0123456789abcdef", min_size=64, max_size=64)
_NEEDLES = st.text("aAbH=;,sh0", max_size=5) | st.sampled_from((DIGEST, "h=" + DIGEST[:8], ';a="', "Hash=0"))
_REGEXES = (
    ".*",
    ".+",
    "(..)*",
    ".*.",
    ".*[a;].*",
    "[^]a]*.*",
    ".*[^+-]",
    r".*\W.*",
    r".*\b.*",
    r".*\x3b.*",
    ".*a.*",
    "a.*",
    "[^,]*",
    ".*;a",
    "a(;|,).*",
    ".*=[0-9a-f]*;.*",
    ".*0.*",
    "(?i).*A",
    "a?b+.*",
    ".*[^0-9a-f]",
)
_MATCHERS = st.one_of(
    st.builds(
        lambda field, needle, fold: StringMatcher(**{field: needle}, ignore_case=fold),
        st.sampled_from(("exact", "prefix", "suffix", "contains")),
        _NEEDLES,
        st.booleans(),
    ),
    st.sampled_from(_REGEXES).map(lambda text: StringMatcher(safe_regex=RegexMatcher(regex=text))),
)


@given(_AROUND, _DIGEST, st.text("aH=;,", max_size=4), _MATCHERS)
def test_a_yes_or_no_holds_for_every_filling(text: str, digest: str, filling: str, matcher: StringMatcher) -> None:
    filled = f"{text}Hash={digest};{filling}{text}"
    found = partial_matches(matcher, f"{text}Hash=…;…{text}", ENVOY)
    assert found.is_unknown or found == string_matches(matcher, filled)


def test_a_class_at_the_edge_of_a_gap_decides_nothing() -> None:
    assert answer(regex(".*[^0-9a-f]"), "Hash=…;…") == "unknown"
    assert answer(regex("Hash=.*;.*"), "Hash=…;…") == "yes"
    assert answer(regex("Hash=.*;.+"), "Hash=…;…") == "unknown"


@pytest.mark.parametrize(
    ("pattern", "literals"),
    [
        (".*abc.*", ("abc",)),
        (r"a\.b+c?d{2}e*", ("a.b",)),
        (r"a\.b+xc?yd{2}ze*", ("a.b", "x", "y", "z")),
        ("(abc)?d", ("d",)),
        ("a(b|c)d", ("a", "d")),
        ("a|b", ()),
        ("(?i)abc", ()),
        (r"\x41\pLb\d[]a]c", ("b", "c")),
        (r"[[:alpha:]|]x", ("x",)),
        (r"\Qa.b\E", ()),
    ],
)
def test_what_every_match_has(pattern: str, literals: tuple[str, ...]) -> None:
    assert required_literals(pattern) == literals


@pytest.mark.parametrize(
    ("value", "matcher", "result"),
    [
        (TEXT, {"present_match": True}, "yes"),
        (TEXT, {}, "yes"),
        (TEXT, {"invert_match": True}, "no"),
        (TEXT, {"present_match": False}, "no"),
        (TEXT, {"range_match": {"start": "0", "end": "9"}}, "no"),
        (TEXT, {"exact_match": ""}, "yes"),
        (TEXT, {"contains_match": SLEEP}, "yes"),
        (TEXT, {"contains_match": SLEEP, "invert_match": True}, "no"),
        (TEXT, {"contains_match": DIGEST, "invert_match": True}, "unknown"),
        ("…", {}, "unknown"),
        ("…", {"present_match": False}, "unknown"),
        ("…", {"string_match": {"prefix": ""}}, "unknown"),
    ],
)
def test_a_header_matcher_reads_the_gaps_of_the_client_certificate(
    value: str, matcher: dict[str, Any], result: str
) -> None:
    asked = read(HeaderMatcher, {"name": "X-Forwarded-Client-Cert", **matcher})
    for individually in (True, False):
        request = HttpRequest(headers=((CLIENT_CERT, value),))
        assert header_matches(asked, request, ENVOY, individually=individually).answer == result


def test_the_sign_means_nothing_in_another_header() -> None:
    asked = read(HeaderMatcher, {"name": "x", "string_match": {"exact": "…"}})
    assert header_matches(asked, HttpRequest(headers=(("x", "…"),)), ENVOY, individually=True).is_yes
