from __future__ import annotations

import pytest

from meshscope.errors import CancelledError, UsageError
from meshscope.listing.find import find
from meshscope.listing.mention import Mention
from meshscope.location import Document, Location
from meshscope.tui import search_view
from meshscope.tui.search_view import mentions, summary, target_of
from meshscope.work import Work

from ..mesh.meshes import recorded

MESH = recorded("bookinfo")
PLACE = Location(Document.of("x", b"{}"))


def test_the_rows_are_what_find_finds_each_with_an_id_of_its_own() -> None:
    rows = mentions(MESH, "10.20.0.21")
    assert list(rows) == list(find(MESH, "10.20.0.21"))
    assert len(set(rows.ids)) == len(rows)


def test_more_mentions_than_a_bound_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_view, "MOST_MENTIONS", 3)
    rows = mentions(MESH, "10.20.0.21")
    assert len(rows) == 3
    assert summary(rows) == "the first 3 mentions; a longer text finds fewer"


def test_a_search_is_cancelled_and_an_ambiguous_kind_is_an_error() -> None:
    with pytest.raises(CancelledError):
        mentions(MESH, "reviews", Work(None, lambda: True))
    with pytest.raises(UsageError):
        mentions(MESH, "gateway/reviews")


def test_the_summary_counts_proxies_and_names_the_manifests() -> None:
    assert summary(mentions(MESH, "10.20.0.21")).endswith(" proxies and the manifests")
    assert summary(mentions(MESH, "vs/reviews.default")).endswith("and the manifests")


@pytest.mark.parametrize(
    ("mention", "kind", "name"),
    [
        (Mention("pod", "cluster", "a|b", "name", "a", PLACE), "clusters", "a|b"),
        (Mention("pod", "endpoint_config", "a|b", "x", "10.0.0.1", PLACE), "clusters", "a|b"),
        (Mention("pod", "endpoint", "a|b", "address", "10.0.0.1:80", PLACE), "endpoints", "a|b/10.0.0.1:80"),
        (Mention("pod", "bootstrap", "", "node.id", "x", PLACE), "bootstrap", "pod"),
    ],
)
def test_a_mention_opens_its_object(mention: Mention, kind: str, name: str) -> None:
    target = target_of(MESH, mention)
    assert target
    assert (target.kind, target.selection.name, target.selection.proxy) == (kind, name, "pod")


def test_what_has_the_text_for_its_name_comes_first_then_what_has_it_in_its_name() -> None:
    rows = list(mentions(MESH, "reviews"))
    assert set(rows) == set(find(MESH, "reviews"))
    own = [one for one in rows if one.field in ("metadata.name", "name")]
    assert rows[: len(own)] == own
    first = [one.name for one in own if one.value == "reviews"]
    assert {"VirtualService default/reviews", "Service default/reviews"} <= set(first)
    assert [one.name for one in rows[: len(first)]] == first


def test_a_part_of_a_name_comes_before_what_only_refers_to_it() -> None:
    rows = list(mentions(MESH, "reviews.default.svc.cluster.local"))
    fields = [one.field == "name" for one in rows]
    assert any(fields)
    assert fields == sorted(fields, reverse=True)
