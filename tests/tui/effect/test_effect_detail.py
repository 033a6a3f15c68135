from __future__ import annotations

from typing import Any

from meshscope.effect.answer import Difference, RuleEffect, State
from meshscope.render.effect_columns import EffectLine
from meshscope.tui.effect.effect_detail import MOST_PROXIES, detail
from meshscope.tui.tracing.trace_view import words

TIMEOUT, RETRIES = Difference("route.timeout", "7s", "0s"), Difference("route.retries", "5", "")


def said(proxies: tuple[str, ...] = ("a",), **fields: Any) -> str:
    values: dict[str, Any] = {"state": State.PARTLY, "because": "why", **fields}
    effect = RuleEffect(object="VirtualService default/a", rule="http[0]", proxy="a", **values)
    return "\n".join(words(detail(EffectLine(effect, proxies))))


def test_each_difference_has_its_field_what_was_expected_and_what_is_there() -> None:
    text = said(differences=(TIMEOUT, RETRIES), because=f"{TIMEOUT}; {RETRIES}", expected="x", actual="y")
    assert "route.timeout:  7s  →  0s" in text
    assert "route.retries:  5  →  absent" in text
    assert "because" not in text  # the differences say it


def test_a_reason_that_says_more_than_the_differences_stays() -> None:
    assert "because  no VirtualService serves x" in said(
        differences=(TIMEOUT,), because=f"{TIMEOUT}; no VirtualService serves x"
    )


def test_expected_and_actual_are_said_once_where_they_are_the_same() -> None:
    assert "actual  the same" in said(expected="/a", actual="/a")
    assert "actual  /b" in said(expected="/a", actual="/b")


def test_only_what_is_nowhere_made_nothing() -> None:
    assert "made  nothing" in said(state=State.NOT_IN_EFFECT)
    assert "made  at several places" in said(state=State.IN_EFFECT)


def test_of_very_many_proxies_the_rest_is_counted() -> None:
    names = tuple(f"pod-{number}" for number in range(MOST_PROXIES + 2))
    assert "and 2 more" in said(names)
    assert "more" not in said(names[:-2])
