from __future__ import annotations

from meshscope.effect.answer import RuleEffect, State
from meshscope.listing.row_id import RowId
from meshscope.render.effect_columns import lines
from meshscope.tui.effect.effect_rows import counted, line_rows
from meshscope.tui.palette import meaning_of


def effect(rule: str, proxy: str | None, state: State, because: str = "why") -> RuleEffect:
    return RuleEffect(object="VirtualService default/a", rule=rule, proxy=proxy, state=state, because=because)


def test_a_line_is_known_by_its_rule_and_first_proxy_whatever_its_answer() -> None:
    before = line_rows(lines([effect("http[0]", "a", State.IN_EFFECT), effect("", None, State.UNKNOWN)]))
    after = line_rows(lines([effect("http[0]", "a", State.PARTLY, "else"), effect("", None, State.UNKNOWN)]))
    assert before.ids == after.ids == (RowId("a", "effect", "http[0]"), RowId("", "effect", "all"))


def test_the_states_are_counted_the_worst_first() -> None:
    states = [State.IN_EFFECT, State.UNKNOWN, State.IN_EFFECT, State.NOT_IN_EFFECT]
    assert counted(states) == "✗ 1 not in effect · ? 1 unknown · ✓ 2 in effect"
    assert counted([]) == ""


def test_every_state_has_a_colour_and_a_text_of_its_own() -> None:
    rows = line_rows(lines([effect(state, "a", state) for state in State]))
    texts = [rows.columns[0].cell(row) for row in rows]
    assert len(set(texts)) == len(State)
    assert all(meaning_of(str(text)) for text in texts)
    assert meaning_of("in effect, perhaps") is None
