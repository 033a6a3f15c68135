from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.simulation.matching.regex_rewrite import RegexRewrite
from meshscope.xds.route_action import RegexMatchAndSubstitute

from ..reading import read


def rewrite(pattern: str, substitution: str) -> RegexRewrite:
    return RegexRewrite(read(RegexMatchAndSubstitute, {"pattern": {"regex": pattern}, "substitution": substitution}))


@pytest.mark.parametrize(
    ("pattern", "substitution", "path", "new"),
    [
        ("^/service/([^/]+)(/.*)$", r"\2/instance/\1", "/service/foo/v1/api", "/v1/api/instance/foo"),
        ("one", "two", "/xxx/one/yyy/one/zzz", "/xxx/two/yyy/two/zzz"),
        ("^(.*?)one(.*)$", r"\1two\2", "/xxx/one/yyy/one/zzz", "/xxx/two/yyy/one/zzz"),
        ("(?i)/xxx/", "/yyy/", "/aaa/XxX/bbb", "/aaa/yyy/bbb"),
        ("a*", "x", "/aab/x", "x/xbx/xxx"),
        (".*", r"[\0]", "/a", "[/a]"),
        ("(a)|(o)", r"<\1\2>", "/ao", "/<a><o>"),
        ("x", r"a\\b", "/x", r"/a\b"),
        ("nothing", "y", "/a", "/a"),
    ],
)
def test_a_rewrite_does_what_envoy_does(pattern: str, substitution: str, path: str, new: str) -> None:
    assert rewrite(pattern, substitution).replace_all(path) == new


def test_a_pattern_that_re2_refuses_says_so_and_changes_nothing() -> None:
    broken = rewrite("(?=x)", "y")
    assert "(?=x)" in broken.why
    assert broken.replace_all("/x") == "/x"


def test_a_group_that_the_pattern_does_not_have_changes_nothing() -> None:
    assert rewrite("x", r"\1").replace_all("/x") == "/x"


@given(st.text(alphabet="/abé€", max_size=12))
def test_replacing_each_match_by_itself_changes_nothing(path: str) -> None:
    assert rewrite("(a|é|b)", r"\1").replace_all(path) == path


@given(st.text(alphabet="/abé€", max_size=12))
def test_a_literal_is_replaced_as_text_is(path: str) -> None:
    assert rewrite("é", "e").replace_all(path) == path.replace("é", "e")
