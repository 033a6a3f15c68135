from __future__ import annotations

import pytest

from meshscope.effect.answer import State
from meshscope.tui.effect.questions import full_name, item_of, rows_of_all, rows_of_object, word_for_shell

from ...effect.recorded import mesh

GATEWAYS = mesh("gateways")


def test_the_worst_answers_stand_first_and_the_others_in_the_order_of_the_rules() -> None:
    rows = rows_of_object(GATEWAYS, "VirtualService default/api")
    assert rows is not None
    assert [line.effect.rule for line in rows] == [f"http[{number}]" for number in (4, 0, 1, 2, 3, 5)]
    assert rows_of_object(GATEWAYS, "VirtualService default/nosuch") is None


def test_all_objects_of_a_namespace() -> None:
    everywhere, shop = rows_of_all(GATEWAYS), rows_of_all(GATEWAYS, "shop")
    assert everywhere[0].state is State.NOT_IN_EFFECT
    assert {row.object.split()[1].split("/")[0] for row in shop} == {"shop"}
    assert 0 < len(shop) < len(everywhere)


def test_an_object_is_found_by_its_full_name() -> None:
    for item in GATEWAYS.objects:
        found = item_of(GATEWAYS, full_name(item))
        assert found is not None
        assert full_name(found) == full_name(item)


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("VirtualService default/api", "virtualservice/api.default"),
        ("Gateway default/public", "gateways.networking.istio.io/public.default"),  # the Gateway API has Gateways too
    ],
)
def test_a_shell_is_told_which_object_is_meant(name: str, word: str) -> None:
    assert word_for_shell(name) == word
