from __future__ import annotations

import pytest

from meshscope.istio.owner_text import OwnerText, parse_owner


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("VirtualService default/reviews", OwnerText("VirtualService", "default", "reviews")),
        ("AuthorizationPolicy bank/ledger rules[2]", OwnerText("AuthorizationPolicy", "bank", "ledger", 2)),
        ("HTTPRoute shop/front rule 0", OwnerText("HTTPRoute", "shop", "front", 0)),
        ("Namespace shop", OwnerText("Namespace", "", "shop")),
    ],
)
def test_the_words_of_answers_are_read(text: str, expected: OwnerText) -> None:
    assert parse_owner(text) == expected


@pytest.mark.parametrize(
    "text", ["", "VirtualService", "VirtualService a/b/c", "HTTPRoute shop/front rule x", "two words more"]
)
def test_other_words_name_no_object(text: str) -> None:
    assert parse_owner(text) is None


def test_a_rule_is_a_part_of_the_whole() -> None:
    found = OwnerText("AuthorizationPolicy", "bank", "ledger", 2)
    assert (found.whole, found.part) == ("AuthorizationPolicy bank/ledger", ("spec", "rules", 2))
    assert OwnerText("Namespace", "", "shop").whole == "Namespace shop"
    assert OwnerText("Namespace", "", "shop").part == ()
