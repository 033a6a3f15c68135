"""What a kind knows of itself: its filters, its ids, its way through a process boundary."""

from __future__ import annotations

import pickle
from typing import Any

import msgspec
import pytest

from meshscope.istio.kinds.resources import RESOURCE_KINDS
from meshscope.listing.kind import Kind
from meshscope.listing.kinds.objects import kind_for
from meshscope.listing.registry import KINDS, kind_named, kind_of_name
from meshscope.listing.selection import EVERYTHING, Selection

from ..mesh.meshes import WEBSITE, recorded

ALL: list[Kind[Any]] = [*map(kind_of_name, KINDS), *map(kind_for, RESOURCE_KINDS)]


def through_a_process(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))  # noqa: S301  # our own bytes


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: f"{kind.name} {type(kind).__name__}")
def test_a_kind_is_itself_on_the_other_side_of_a_process(kind: Kind[Any]) -> None:
    assert through_a_process(kind) is kind


@pytest.mark.parametrize("word", [*KINDS, "vs", "dr", "pods", "secrets.core", "gateways.networking.istio.io"])
def test_rows_are_equal_on_the_other_side_of_a_process(word: str) -> None:
    mesh = recorded(WEBSITE)
    for row in kind_named(word, mesh).rows(mesh, EVERYTHING):
        there = through_a_process(row)
        assert type(there) is type(row)
        assert bare(there) == bare(row)
        assert there.location.place() == row.location.place()


def bare(row: Any) -> Any:
    """A row without its location, which names a document of its own process."""
    return msgspec.structs.replace(row, location=None)


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: f"{kind.name} {type(kind).__name__}")
def test_filters_are_fields_of_a_selection_and_proxies_are_chosen_where_rows_belong_to_them(kind: Kind[Any]) -> None:
    fields = set(Selection.__struct_fields__) - {"at", "with_counters", "with_objects"}
    assert set(kind.filters) <= fields
    assert ("proxy" in kind.filters) == kind.is_per_proxy
    for field in fields:
        value: Any = (("a", "b"),) if field == "labels" else 1 if field == "port" else "x"
        chosen = Selection(**{field: value})
        assert kind.ignored_filter(chosen) == (None if field in kind.filters else field)


def test_the_time_of_judgement_and_counting_filter_nothing() -> None:
    assert Selection(at="2026-11-24T16:40:00Z", with_counters=False).filters() == ()
    assert kind_of_name("services").ignored_filter(Selection(at="2026-11-24T16:40:00Z", with_counters=False)) is None


def test_filters_are_texts_in_the_order_of_the_fields() -> None:
    selection = Selection(port=0, labels=(("app", "web"), ("v", "")), proxy="p")
    assert selection.filters() == (("proxy", "p"), ("labels", "app=web,v="), ("port", "0"))
