"""Mentions of one object, in however many proxies and fields, are one row."""

from __future__ import annotations

from meshscope.listing.mention import Mention
from meshscope.listing.mentioning import COLUMNS, Mentioning, by_object
from meshscope.location import Document, Location

PLACE = Location(Document("dump.json", lambda: b"{}"))


def mention(proxy: str | None, kind: str, name: str, field: str) -> Mention:
    return Mention(proxy, kind, name, field, "reviews", PLACE)


def test_one_object_is_one_row_with_its_proxies_and_fields() -> None:
    found = by_object(
        [
            mention("a", "cluster", "reviews", "name"),
            mention("b", "cluster", "reviews", "name"),
            mention("a", "cluster", "ratings", "name"),
            mention("a", "cluster", "reviews", "alt_stat_name"),
        ]
    )
    assert found == (
        Mentioning("cluster", "reviews", ("a", "b"), ("name", "alt_stat_name")),
        Mentioning("cluster", "ratings", ("a",), ("name",)),
    )
    assert [[column.cell(row) for column in COLUMNS] for row in found] == [
        ["cluster", "reviews", "2 proxies", "2 fields"],
        ["cluster", "ratings", "a", "name"],
    ]


def test_a_name_of_another_kind_and_an_object_without_a_proxy_are_rows_of_their_own() -> None:
    found = by_object(
        [
            mention("a", "cluster", "reviews", "name"),
            mention("a", "endpoint_config", "reviews", "name"),
            mention(None, "Service", "Service default/reviews", "metadata.name"),
        ]
    )
    assert [row.kind for row in found] == ["cluster", "endpoint_config", "Service"]
    assert [column.cell(found[2]) for column in COLUMNS] == ["Service", "default/reviews", "-", "metadata.name"]
