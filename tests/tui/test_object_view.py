from __future__ import annotations

from array import array

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from meshscope.errors import CancelledError
from meshscope.listing.describe import Description, Reference, describe
from meshscope.listing.registry import kind_named
from meshscope.listing.selection import Selection
from meshscope.location import Document, Location
from meshscope.mesh.field_problems import WrongField
from meshscope.render.painting import CYAN, MAGENTA, MISSING
from meshscope.tui.object_view import (
    LINK_COLUMNS,
    Form,
    facts,
    lines_with,
    link_rows,
    links,
    next_place,
    spans,
    text_of,
)
from meshscope.work import Work

from ..mesh.meshes import recorded

MESH = recorded("bookinfo")
PLACE = Location(Document.of("folder/file.json", b'{\n"a": {"b": 1}}'), ("a",))


def reviews() -> Description:
    selection = Selection(proxy="productpage", name="outbound|9080|v1|reviews.default.svc.cluster.local")
    thing = describe(MESH, kind_named("clusters"), selection)
    assert thing
    return thing


def thing_of(**fields: object) -> Description:
    empty: dict[str, object] = {
        "proxy": None,
        "state": None,
        "object": {},
        "owner": None,
        "used_by": (),
        "reaches": (),
        "location": None,
    }
    return Description(**{"kind": "clusters", "name": "x", **empty, **fields})  # type: ignore[arg-type]  # of a test


def test_a_cluster_has_its_owner_its_routes_its_endpoints_and_the_same_in_other_proxies_as_links() -> None:
    found = [(link.role, link.text) for link in links(MESH, reviews())]
    assert found[0] == ("owner", "DestinationRule default/reviews")
    assert ("used by", "route 9080/reviews.default.svc.cluster.local:9080/1") in found
    assert ("reaches", "endpoint 10.20.0.21:9080") in found


def test_what_cannot_be_opened_says_why() -> None:
    dangling = Reference("cluster", "gone", PLACE, "pod", exists=False)
    found = links(MESH, thing_of(owner="VirtualService default/gone", used_by=(dangling,)))
    assert [(link.remark, link.target) for link in found] == [("not in this input", None), (MISSING, None)]


def test_what_a_manifest_refers_to_opens_the_object_that_is_meant() -> None:
    thing = describe(MESH, kind_named("vs"), Selection(name="bookinfo"))
    assert thing
    opened = {link.text: link.target and (link.target.kind, link.target.selection.name) for link in links(MESH, thing)}
    assert opened["Gateway default/bookinfo"] == ("gateways.networking.istio.io", "bookinfo.default")
    service = "Service productpage.default.svc.cluster.local"
    assert opened[service] == ("services.core", "productpage.default")
    assert {link.remark for link in links(MESH, thing)} == {""}


def test_a_link_to_a_part_of_the_object_itself_is_not_followed() -> None:
    inside = Reference("route_config", "/here/0", PLACE, "pod")
    (link,) = links(MESH, thing_of(kind="filterchains", name="here/0", proxy="pod", reaches=(inside,)))
    assert (link.remark, link.target) == ("in this object", None)
    (other,) = links(MESH, thing_of(kind="filterchains", name="here/1", proxy="pod", reaches=(inside,)))
    assert other.target


def test_the_proxy_of_a_link_is_shown_where_it_is_another_one() -> None:
    references = (Reference("cluster", "a", PLACE, "pod"), Reference("cluster", "a", PLACE, "other"))
    rows = link_rows(links(MESH, thing_of(proxy="pod", used_by=references)))
    assert [LINK_COLUMNS[2].cell(row) for row in rows] == ["", "other"]
    assert len(set(rows.ids)) == 2


def test_the_facts_are_on_one_line_with_the_file_first() -> None:
    assert facts(thing_of(state="warming", location=PLACE)) == "warming · file.json:2 in folder"
    one_line = Location(Document.of("file.json", b'{"a": 1}'), ("a",))
    assert facts(thing_of(location=one_line)) == "file.json a"
    assert facts(thing_of()) == ""


def test_yaml_and_json_are_the_object_and_raw_is_the_document() -> None:
    thing = thing_of(object={"b": 1}, location=PLACE)
    assert yaml.safe_load("\n".join(text_of(thing, Form.YAML).lines)) == {"b": 1}
    assert msgspec.json.decode("\n".join(text_of(thing, Form.JSON).lines)) == {"b": 1}
    assert list(text_of(thing, Form.RAW).lines) == ['{"b": 1}']
    assert text_of(thing, Form.RAW).widest == 8
    assert "unknown" in text_of(thing_of(), Form.RAW).note


def test_raw_is_one_key_from_yaml_and_the_forms_go_round() -> None:
    assert [form.next for form in Form] == [Form.RAW, Form.JSON, Form.YAML]


@given(st.lists(st.text("aBc:", max_size=4)), st.text("aBc", max_size=2))
def test_the_lines_with_a_text_contain_it_and_no_other_does(lines: list[str], text: str) -> None:
    found = lines_with(lines, text)
    assert list(found) == [index for index, line in enumerate(lines) if text and text.lower() in line.lower()]


def test_a_cancelled_search_stops() -> None:
    with pytest.raises(CancelledError):
        lines_with(["a"], "a", Work(None, lambda: True))


@pytest.mark.parametrize(
    ("line", "forward", "place"),
    [(-1, True, 0), (2, True, 1), (3, True, 1), (9, True, 0), (5, False, 0), (2, False, 1), (9, False, 1)],
)
def test_matches_go_round(line: int, forward: bool, place: int) -> None:
    assert next_place(array("I", [2, 5]), line, forward=forward) == place


def test_no_match_is_no_place() -> None:
    assert next_place(array("I"), 0) is None


@given(st.text(max_size=30) | st.text('ab:" -1{,', max_size=12))
def test_the_spans_are_the_line(line: str) -> None:
    assert "".join(text for text, _ in spans(line)) == line


@pytest.mark.parametrize(
    ("line", "painted"),
    [
        ("  - name: reviews", [("name", CYAN)]),
        ('  "port": 80,', [('"port"', CYAN), ("80", MAGENTA)]),
        ('"@type": type.googleapis.com/x', [('"@type"', CYAN)]),
        ("- true", [("true", MAGENTA)]),
        ("host: a:80", [("host", CYAN)]),
        ('- "a: 1"', []),
        ("- 10.20.0.21", []),
        ("- a:80", []),
        ("", []),
    ],
)
def test_keys_and_values_that_are_no_text_are_painted(line: str, painted: list[tuple[str, str]]) -> None:
    assert [span for span in spans(line) if span[1]] == painted


def test_the_first_wrong_field_stands_beside_the_place() -> None:
    wrong = WrongField("spec.a", "unknown field a", "", PLACE, "Istio 1.99")
    first = "spec.a: unknown field a (folder/file.json:2)"
    assert facts(thing_of(field_problems=(wrong,))) == first
    assert facts(thing_of(field_problems=(wrong, wrong))) == f"{first} and 1 more"
