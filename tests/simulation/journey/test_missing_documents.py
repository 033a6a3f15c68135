"""A reader of a trace knows what could not be asked about the proxies on its way."""

from __future__ import annotations

from msgspec.structs import replace

from meshscope.location import Document
from meshscope.mesh.mesh import Mesh
from meshscope.render.trace.outline import outline
from meshscope.simulation.journey.simulator import Simulator
from meshscope.simulation.request import Request
from meshscope.snapshot.reading import DEMO, open_snapshot
from meshscope.snapshot.snapshot import Captured, Snapshot

ASKED = Request(source="productpage", dest="ratings")


def without(*lost: tuple[str, str]) -> Snapshot:
    """The recording without documents of proxies whose names begin so."""
    snapshot = open_snapshot(DEMO)

    def kept(one: Captured) -> Captured:
        named = (one.kind, one.owner.name.partition("-")[0]) if one.owner else ("", "")
        return replace(one, document=Document.lost(one.document.name, "answered 403")) if named in lost else one

    return replace(snapshot, captured=tuple(map(kept, snapshot.captured)))


def test_lost_documents_of_the_proxies_on_the_way_are_listed() -> None:
    mesh = Mesh(
        without(("certs", "productpage"), ("server_info", "ratings"), ("certs", "reviews"), ("stats", "ratings"))
    )
    found = Simulator(mesh).trace(ASKED)
    client, server = found.paths[0].hops
    assert [problem.message for problem in found.problems] == [
        f"certs of {client.proxy} was not captured: answered 403",
        f"server_info of {server.proxy} was not captured: answered 403",
    ]
    assert found.problems[0].document.endswith("certs.json")
    lines = outline(found)
    assert [line.words for line in lines[-2:]] == [f"missing  {problem.message}" for problem in found.problems]


def test_nothing_is_missing_where_everything_came_or_was_never_asked_for() -> None:
    assert Simulator(Mesh(open_snapshot(DEMO))).trace(ASKED).problems == ()


def test_what_a_trace_does_not_ask_is_not_missed() -> None:
    assert Simulator(Mesh(without(("listeners", "productpage")))).trace(ASKED).problems == ()


def test_of_a_dump_that_came_part_by_part_the_missing_part_is_named() -> None:
    snapshot = open_snapshot(DEMO)
    owner = next(one.owner for one in snapshot.captured if one.owner and one.owner.name.startswith("productpage"))
    lost = Document.lost("http://h:15000/config_dump?resource=dynamic_endpoint_configs", "answered 500")
    found = Simulator(Mesh(snapshot + Snapshot((Captured(lost, "config_dump", owner),)))).trace(ASKED)
    words = f"config_dump?resource=dynamic_endpoint_configs of {owner} was not captured: answered 500"
    assert [problem.message for problem in found.problems] == [words]
