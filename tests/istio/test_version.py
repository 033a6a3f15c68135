from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.istio import version_gates
from meshscope.istio.version import Since, Version, parse_version

NUMBER = st.integers(0, 40)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("1.30.3", (1, 30, 3)),
        ("v1.9.0-beta.2", (1, 9, 0)),
        ("1.32-alpha.86c9f0aa", (1, 32, 0)),
        ("1.20.2-distroless", (1, 20, 2)),
        ("unknown-unknown-unknown", None),
        ("", None),
    ],
)
def test_a_version_is_read_with_its_patch(text: str, version: Version | None) -> None:
    assert parse_version(text) == version


@given(NUMBER, NUMBER)
def test_every_patch_of_a_later_line_has_a_rule_and_none_of_an_earlier_one(minor: int, patch: int) -> None:
    assert Since((1, 21)).holds((1, minor, patch)) == (minor >= 21)


@given(NUMBER)
def test_a_patch_of_an_older_line_has_it_from_its_own_patch_on(patch: int) -> None:
    rule = version_gates.CLOSEST_HOST
    assert rule.holds((1, 18, patch)) == (patch >= 7)
    assert rule.holds((1, 20, patch)) == (patch >= 2)
    assert not rule.holds((1, 17, patch))


@pytest.mark.parametrize("name", [name for name in vars(version_gates) if name.isupper()])
def test_patches_are_of_lines_before_the_first_version(name: str) -> None:
    rule = getattr(version_gates, name)
    assert all(one[:2] < rule.first for one in rule.patches)
    assert len({one[:2] for one in rule.patches}) == len(rule.patches)
