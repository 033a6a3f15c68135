from __future__ import annotations

from typing import Any

import pytest

from meshscope.simulation.connection import Envoy, HttpRequest
from meshscope.simulation.matching.cookie import cookie_because, cookie_matches, cookies
from meshscope.xds.matcher import CookieMatcher

from ..reading import read

ONE: dict[str, Any] = {"name": "a", "string_match": {"exact": "1"}}


def jar(*headers: str) -> HttpRequest:
    return HttpRequest(headers=tuple(("cookie", header) for header in headers))


@pytest.mark.parametrize(
    ("headers", "value"),
    [
        (("a=1",), "1"),
        (("a=1 ; b=2",), "1 "),
        (("b=2; a=1",), "1"),
        (("b=2;  a=1",), "1"),
        (("b=2;a=1",), "1"),
        (("b=2;\ta=1",), None),
        (("a = 1",), None),
        (('a="1"',), "1"),
        (("a=2; a=1",), "2"),
        (("a=2", "a=1"), "2"),
        (("a",), None),
        (("a=1;a",), "1"),
        (("A=1",), None),
        (("=1",), None),
        (("a=b=c",), "b=c"),
        (("a=",), ""),
        ((), None),
    ],
)
def test_the_first_cookie_of_a_name_across_all_headers(headers: tuple[str, ...], value: str | None) -> None:
    assert cookies(jar(*headers)).get("a") == value


def test_a_missing_cookie_inverts_to_yes() -> None:
    plain, inverted = read(CookieMatcher, ONE), read(CookieMatcher, {**ONE, "invert_match": True})
    for headers, answers in {(): ("no", "yes"), ("a=1",): ("yes", "no"), ("a=2",): ("no", "yes")}.items():
        found = cookies(jar(*headers))
        assert (
            cookie_matches(plain, found, Envoy()).answer,
            cookie_matches(inverted, found, Envoy()).answer,
        ) == answers


def test_the_words_name_what_would_have_to_change() -> None:
    assert cookie_because(read(CookieMatcher, ONE), {}) == "cookie a is absent; exact '1' was asked"
    inverted = read(CookieMatcher, {**ONE, "invert_match": True})
    assert cookie_because(inverted, {"a": "1"}) == "cookie a is '1'; anything but exact '1' was asked"
