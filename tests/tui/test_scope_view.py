from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from meshscope.listing.glyphs import MISSING
from meshscope.listing.scope import CHAINS, CLUSTERS, COLUMNS, ENDPOINTS, LISTENERS, ROUTES, scope_of
from meshscope.listing.scope_lines import ScopeLines
from meshscope.mesh.graph import cluster
from meshscope.mesh.mesh import Mesh
from meshscope.render.scope_words import ShownLine
from meshscope.tui.scope_view import (
    ScopeView,
    beyond,
    detail,
    filter_of,
    shown_line,
    status,
    texts,
    view_of,
)
from tests.mesh.meshes import bootstrap, clusters, dump, eds, mesh_of, recorded, routes, static, table

REVIEWS = "outbound|9080|{}|reviews.default.svc.cluster.local"


def view(mesh: Mesh | None = None, name: str = "productpage") -> ScopeView:
    mesh = mesh or recorded("bookinfo")
    proxy = next(each for each in mesh.proxies if name in each.name)
    scope = scope_of(mesh, proxy)
    return view_of(scope, ScopeLines(mesh, proxy, scope))


def small(*sections: dict[str, Any]) -> ScopeView:
    return view(mesh_of(dump(bootstrap(), *sections)), "")


def at(found: ScopeView, column: int, label: str) -> int:
    """The first line of a column with a text in its words."""
    shown = (shown_line(found, column, line) for line in range(len(found.positions[column])))
    return next(index for index, line in enumerate(shown) if label in " ".join((line.label, *line.facts)))


def of(found: ScopeView, subset: str) -> int:
    """The line of a subset of the service reviews."""
    node = cluster(REVIEWS.format(subset))
    return next(line for line in range(len(found.positions[CLUSTERS])) if found.node(CLUSTERS, line) == node)


def labels(found: ScopeView, column: int) -> list[str]:
    return [shown_line(found, column, line).label for line in range(len(found.positions[column]))]


def test_pointing_at_a_line_narrows_the_other_columns_and_releasing_brings_them_back() -> None:
    whole = view()
    narrowed = whole.pointing(CLUSTERS, of(whole, "v1"))
    assert len(narrowed.positions[CLUSTERS]) == len(whole.positions[CLUSTERS])
    assert 0 < len(narrowed.positions[ROUTES]) < len(whole.positions[ROUTES])
    assert narrowed.releasing().positions == whole.positions


def test_the_latest_selection_is_released_first() -> None:
    first = view().pointing(LISTENERS, 5)
    second = first.focusing(CHAINS).pointing(CHAINS, 0)
    assert second.releasing().selected == first.selected
    assert second.releasing().releasing().order == ()
    assert second.releasing().releasing().releasing().order == ()


MOVES = st.lists(st.tuples(st.integers(0, len(COLUMNS) - 1), st.integers(0, 200), st.booleans()), max_size=12)


@given(MOVES)
def test_no_walk_loses_a_selected_node_or_a_cursor(moves: list[tuple[int, int, bool]]) -> None:
    found = view()
    for column, line, releases in moves:
        found = found.focusing(column)
        if count := len(found.positions[column]):
            node = found.node(column, line % count)
            found = found.pointing(column, line % count)
            assert found.pointed == node
        if releases:
            found = found.releasing()
        for each, selected in enumerate(found.selected):
            if selected is not None:
                assert found.node(each, found.cursor(each)) == selected


def test_a_cursor_stays_on_its_node_when_narrowing_moves_its_line() -> None:
    found = view()
    line = of(found, "v3")
    node = found.node(CLUSTERS, line)
    found = found.focusing(CLUSTERS).pointing(CLUSTERS, line).selecting(CLUSTERS, None)
    routes_of = at(found, ROUTES, "reviews…:9080")
    narrowed = found.pointing(ROUTES, routes_of).focusing(CLUSTERS)
    assert narrowed.pointed == node
    assert narrowed.cursor(CLUSTERS) < line


def test_newer_evidence_keeps_the_selections_that_are_still_there() -> None:
    old = small(routes(table("r", cluster="a")), clusters(static("a"), static("b")))
    new = small(clusters(static("b")))
    on_a, on_b = (old.pointing(CLUSTERS, line).on(new.scope, new.lines) for line in range(2))
    assert on_a.order == ()
    assert on_b.selected[CLUSTERS] == cluster("b")


# --- filters -------------------------------------------------------------------------------------------------------


def filtering(found: ScopeView, column: int, text: str) -> ScopeView:
    return found.filtering(column, filter_of(text, texts(found.lines, column)))


def test_a_filter_keeps_lines_with_its_text_case_ignored_and_its_inverse_the_others() -> None:
    whole = view()
    kept, others = filtering(whole, CLUSTERS, "REVIEWS"), filtering(whole, CLUSTERS, "!reviews")
    assert set(labels(kept, CLUSTERS)) == {"reviews…"}
    assert len(kept.positions[CLUSTERS]) + len(others.positions[CLUSTERS]) == len(whole.positions[CLUSTERS])
    assert filtering(kept, CLUSTERS, " ").positions == whole.positions


def test_a_filter_finds_names_as_they_are_shown_and_words_in_any_order() -> None:
    whole = view()
    assert labels(filtering(whole, ROUTES, "reviews:9080"), ROUTES) == ["reviews…:9080", "0 jason", "1 canary"]
    kept = filtering(whole, CLUSTERS, "9080 reviews v1")
    assert [kept.node(CLUSTERS, 0)] == [cluster(REVIEWS.format("v1"))]
    assert len(kept.positions[CLUSTERS]) == 1
    assert len(filtering(whole, CLUSTERS, "!9080 reviews v1").positions[CLUSTERS]) == len(whole.positions[CLUSTERS]) - 1


def test_a_route_passes_by_the_name_of_its_virtual_host_and_of_its_table() -> None:
    kept = filtering(view(), ROUTES, "reviews")
    assert "0 jason" in labels(kept, ROUTES)
    assert not any("ratings" in label for label in labels(kept, ROUTES))


def test_a_selection_that_a_filter_hides_is_released_and_one_that_it_keeps_is_not() -> None:
    found = view()
    found = found.pointing(CLUSTERS, of(found, "v1"))
    assert filtering(found, CLUSTERS, "reviews").order == (CLUSTERS,)
    assert filtering(found, CLUSTERS, "ratings").order == ()


def test_a_filter_is_released_before_a_selection() -> None:
    found = filtering(view().pointing(LISTENERS, 5).focusing(CLUSTERS), CLUSTERS, "reviews")
    assert (found.releasing().filters[CLUSTERS], found.releasing().order) == (None, (LISTENERS,))


# --- words ---------------------------------------------------------------------------------------------------------


def test_names_lose_the_domain_and_the_namespace_of_the_proxy() -> None:
    found = labels(view(), CLUSTERS)
    assert "reviews…" in found
    assert "istio-ingressgateway.istio-system…" in found


def test_a_weight_is_beside_its_cluster() -> None:
    found = view()
    found = found.pointing(ROUTES, at(found, ROUTES, "reviews…:9080"))
    v1 = shown_line(found, CLUSTERS, of(found, "v1"))
    assert v1.facts == ("v1", "90%", "9080")


def test_a_chain_has_its_listener_only_where_there_are_chains_of_several() -> None:
    whole = view()
    assert "0.0.0.0_15090" in shown_line(whole, CHAINS, 0).facts
    assert "0.0.0.0_15090" not in shown_line(whole.pointing(LISTENERS, 0), CHAINS, 0).facts


def test_a_missing_cluster_has_a_glyph_and_words() -> None:
    found = small(routes(table("r", cluster="gone")), clusters())
    assert shown_line(found, CLUSTERS, 0) == ShownLine("gone", (), "no such cluster", MISSING, 0)
    assert detail(found.focusing(CLUSTERS)) == "cluster gone · no such cluster"


def test_names_of_the_dump_are_shown_and_not_obeyed() -> None:
    found = small(clusters(eds("a\x1b[31m\u202e")))
    assert shown_line(found, CLUSTERS, 0).label == "a\\x1b[31m\\u202e"
    assert "\x1b" not in detail(found.focusing(CLUSTERS)) + status(found.pointing(CLUSTERS, 0).focusing(LISTENERS))


def test_the_status_counts_and_says_what_narrows() -> None:
    found = view()
    assert status(found) == "11 listeners"
    found = found.pointing(CLUSTERS, of(found, "v1")).focusing(ROUTES)
    assert status(found) == "3 of 52 routes · narrowed by cluster reviews… v1 · backspace releases"


def test_columns_that_are_not_on_the_screen_are_counted() -> None:
    found = small(clusters(static("a", "10.0.0.1:80")))
    assert beyond(found, 0, 5) == ""
    assert beyond(found, 0, ENDPOINTS) == "1 endpoint ▸"
    assert beyond(found, 1, CLUSTERS) == "◂ 0 listeners · 1 cluster, 1 endpoint ▸"
