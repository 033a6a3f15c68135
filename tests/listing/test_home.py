from __future__ import annotations

from meshscope.listing.faults import Severity
from meshscope.listing.home import (
    FAULT_COLUMNS,
    PROXY_COLUMNS,
    HomeView,
    control_plane_line,
    counts,
    fault_table,
    home_view,
    proxy_table,
)
from meshscope.mesh.mesh import Mesh
from meshscope.snapshot.snapshot import Captured
from meshscope.work import Work

from ..mesh.meshes import ADMIN, bootstrap, captured, clusters, dump, eds, mesh_of, recorded
from ..tui.sick import SICK, WELL, WHY, sick


def home_of(mesh: Mesh) -> HomeView:
    return home_view(mesh, "")


def cells(home: HomeView, proxy: str) -> dict[str, object]:
    (state,) = (state for state in home.states if state.proxy == proxy)
    return {column.title: column.cell(state) for column in PROXY_COLUMNS}


def test_proxies_with_errors_are_first_then_those_with_warnings() -> None:
    home = home_of(sick())
    assert [(state.proxy, state.mark) for state in home.states] == [(SICK, "✗"), (WELL, "▲")]


def test_proxies_without_faults_keep_their_order() -> None:
    home = home_of(recorded("bookinfo"))
    assert [state.proxy for state in home.states] == [proxy.name for proxy in recorded("bookinfo").proxies]
    assert (home.errors, home.warnings, home.faults) == (0, 0, ())


def test_faults_are_counted_and_errors_are_first_among_them() -> None:
    home = home_of(sick())
    assert (home.errors, home.warnings) == (1, 2)
    assert [row.fault.severity for row in home.faults] == [Severity.ERROR, Severity.WARNING, Severity.WARNING]
    assert [row.proxy for row in home.faults] == [SICK, SICK, WELL]


def test_a_fault_says_its_owner_and_the_line_of_the_owners_manifest() -> None:
    row = home_of(sick()).faults[0]
    assert (row.fault.owner, row.place) == ("Gateway shop/front", "front.yaml:1")
    assert WHY in row.fault.text


def test_a_fault_of_a_resource_without_an_owner_has_its_place_in_the_dump() -> None:
    (row,) = (row for row in home_of(sick()).faults if row.fault.name == "cold")
    assert row.fault.owner == ""
    assert row.place.startswith("edge.json")


def test_a_fault_of_a_whole_proxy_has_no_place() -> None:
    (row,) = (row for row in home_of(sick()).faults if row.proxy == WELL)
    assert row.place == ""


def test_sync_states_are_glyphs_and_unknown_ones_are_empty() -> None:
    assert [cells(home_of(sick()), WELL)[title] for title in ("CDS", "LDS", "EDS", "RDS")] == ["✓", "✓", "✓", "…"]
    alone = home_of(mesh_of(dump(bootstrap(), clusters())))
    assert cells(alone, "pod-1.default")["CDS"] == ""


def test_a_control_plane_serves_proxies_of_which_some_are_in_sync() -> None:
    assert control_plane_line(home_of(sick())) == "istiod-1 serves 2, 1 in sync"
    assert control_plane_line(home_of(recorded("bookinfo"))) == "istiod-1 serves 9, 9 in sync"
    assert control_plane_line(home_of(mesh_of(dump(bootstrap(), clusters())))) == ""


def test_proxies_are_counted_by_kind() -> None:
    assert counts(home_of(recorded("bookinfo"))) == "9 proxies: 8 sidecars, 1 gateway"
    assert counts(home_of(mesh_of(dump(bootstrap(), clusters())))) == "1 proxy: 1 sidecar"


def test_nothing_is_missing_in_a_complete_recording() -> None:
    assert home_of(recorded("bookinfo")).missing == ()


def test_what_was_not_captured_is_said() -> None:
    missing = home_of(mesh_of(dump(bootstrap(), clusters()))).missing
    assert missing == (
        "no control plane's sync states were captured",
        "no manifests were captured: owners have no line",
    )


def test_only_istiods_view_is_said() -> None:
    assert any("istiod's view only of 9 proxies" in line for line in home_of(recorded("bookinfo-v2")).missing)


def test_problems_of_reading_are_said() -> None:
    broken = captured("broken.yaml", "kind: [\n")
    mesh = mesh_of(dump(bootstrap(), clusters()), broken)
    mesh.index()
    assert len(mesh.problems) == 1
    assert any(line.startswith("broken.yaml: ") for line in home_of(mesh).missing)


def test_without_faults_a_view_is_incomplete() -> None:
    home = home_view(sick(), "", faults_too=False)
    assert (home.is_complete, home.faults, home_of(sick()).is_complete) == (False, (), True)


def test_the_work_is_a_step_a_proxy() -> None:
    steps: list[tuple[int, int]] = []
    home_view(sick(), "", Work(lambda done, total: steps.append((done, total))))
    assert steps == [(0, 2), (1, 2)]


def test_tables_have_an_id_for_each_row() -> None:
    home = home_of(sick())
    for rows in (proxy_table(home.states), fault_table((*home.faults, *home.faults))):
        assert len(set(rows.ids)) == len(rows)
    assert [column.cell(home.faults[0]) for column in FAULT_COLUMNS][:2] == ["✗", SICK]


def test_proxies_of_one_name_in_two_clusters_have_their_own_faults() -> None:
    warming = {"@type": ADMIN + "ClustersConfigDump", "dynamic_warming_clusters": [{"cluster": eds("cold")}]}
    home = home_of(
        mesh_of(
            dump(bootstrap(), warming, name="a.json", mesh_cluster="east"),
            dump(bootstrap(), clusters(eds("warm")), name="b.json", mesh_cluster="west"),
        )
    )
    assert [(state.sync.mesh_cluster, len(state.faults)) for state in home.states] == [("east", 1), ("west", 0)]


def test_problems_of_the_input_are_counted_and_the_first_is_named_by_the_end_of_its_path() -> None:
    bad = [
        captured(f"report.tar.gz!bug-report/proxies/shop/{name}/config_dump", '{"configs": [')
        for name in ("a-1", "b-1")
    ]
    (one,) = _problems(bad[:1])
    assert one.startswith("…/a-1/config_dump: ")
    (both,) = _problems(bad)
    assert both.startswith("2 problems of the input, the first: …/a-1/config_dump: ")


def _problems(documents: list[Captured]) -> list[str]:
    found = home_view(mesh_of(dump(bootstrap()), *documents), "").missing
    return [line for line in found if "config_dump" in line]
