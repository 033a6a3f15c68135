from __future__ import annotations

from typing import Any

from meshscope.listing.describe import Description, Reference, Sync
from meshscope.location import Document, Location
from meshscope.mesh.field_problems import WrongField
from meshscope.render.description import MOST_REFERENCES, description

PLACE = Location(Document.of("dump.json", b'{\n "configs": []}'), ("configs",))


def of(**fields: Any) -> Description:
    whole: dict[str, Any] = {
        "kind": "clusters", "name": "c", "proxy": "p.ns", "state": None, "object": {"name": "c"},
        "owner": None, "used_by": (), "reaches": (), "location": None,
    }  # fmt: skip
    return Description(**{**whole, **fields})


def lines(found: Description, *, colour: bool = False, cells: int | None = None) -> list[str]:
    return list(description(found, colour=colour, cells=cells))


def reference(name: str, proxy: str | None = "p.ns", *, exists: bool = True) -> Reference:
    return Reference("cluster", name, PLACE, proxy, exists)


def test_only_what_is_known_has_a_line() -> None:
    assert lines(of(proxy=None)) == ["clusters/c", "fields", "  name: c"]


def test_what_it_hangs_on_stands_before_its_fields() -> None:
    sync = Sync("istiod-1", "synced", "not_sent", "stale", "error", "synced")
    assert lines(of(state="active", owner="DestinationRule a/b", location=PLACE, sync=sync)) == [
        "clusters/c  active",
        "  proxy  p.ns",
        "  owner  DestinationRule a/b",
        "  at     dump.json:2  configs",
        "  sync   CDS synced, LDS not sent, EDS stale, RDS error with istiod-1",
        "fields",
        "  name: c",
    ]


def test_a_reference_tells_its_proxy_only_where_it_is_another() -> None:
    assert lines(of(reaches=(reference("a"), reference("bb")))) == [
        "clusters/c", "  proxy  p.ns", "reaches", "  cluster/a", "  cluster/bb", "fields", "  name: c",
    ]  # fmt: skip
    shown = lines(of(proxy=None, used_by=(reference("a"), reference("bb", "q.ns"), reference("bb", "r.ns"))))
    assert shown[1:4] == ["used by", "  cluster/a   p.ns", "  cluster/bb  in 2 proxies"]


def test_a_dangling_reference_says_so_in_red_and_in_words() -> None:
    found = of(reaches=(reference("a"), reference("gone", exists=False)))
    assert lines(found)[2:5] == ["reaches", "  cluster/a", "  cluster/gone  MISSING: nothing has this name"]
    assert lines(found, colour=True)[4].endswith("\x1b[31mMISSING: nothing has this name\x1b[0m")


def test_a_long_list_of_references_is_cut_and_says_how_much_is_left() -> None:
    found = of(used_by=tuple(reference(f"n{i}") for i in range(MOST_REFERENCES + 3)))
    shown = lines(found)
    assert shown.count("  … and 3 more (-o json lists them)") == 1
    assert len([line for line in shown if line.startswith("  cluster/")]) == MOST_REFERENCES


def test_references_fit_the_terminal_and_fields_are_never_cut() -> None:
    found = of(reaches=(reference("x" * 200),), object={"name": "y" * 200})
    shown = lines(found, cells=40)
    assert len(shown[3]) == 40
    assert shown[-1] == "  name: " + "y" * 200


def test_text_that_a_terminal_would_obey_stays_on_its_line() -> None:
    evil = "a\x1b[2J\nb\u2028c"
    shown = lines(of(kind=evil, name=evil, proxy=evil, owner=evil, object={"name": evil}, used_by=(reference(evil),)))
    assert all(line.isprintable() for line in shown)
    assert len(shown) == 7


def test_a_wrong_field_has_a_line_with_its_place() -> None:
    wrong = WrongField("spec.htp", "unknown field htp", "http", PLACE, "Istio 1.99")
    assert lines(of(proxy=None, field_problems=(wrong, wrong)))[1:4] == [
        *["  error  spec.htp: unknown field htp (dump.json:2)"] * 2,
        "         fields as of Istio 1.99",
    ]
