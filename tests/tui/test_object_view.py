from __future__ import annotations

from meshscope.listing.describe import Description, Reference, describe
from meshscope.listing.registry import kind_named
from meshscope.listing.selection import Selection
from meshscope.location import Document, Location
from meshscope.mesh.field_problems import WrongField
from meshscope.render.painting import MISSING
from meshscope.tui.object_view import LINK_COLUMNS, facts, link_rows, links

from ..mesh.meshes import recorded
from .things import thing_of

MESH = recorded("bookinfo")
PLACE = Location(Document.of("folder/file.json", b'{\n"a": {"b": 1}}'), ("a",))


def reviews() -> Description:
    selection = Selection(proxy="productpage", name="outbound|9080|v1|reviews.default.svc.cluster.local")
    thing = describe(MESH, kind_named("clusters"), selection)
    assert thing
    return thing


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
    (proxy,) = (column for column in LINK_COLUMNS if column.title == "PROXY")
    assert [proxy.cell(row) for row in rows] == ["", "other"]
    assert len(set(rows.ids)) == 2


def test_the_facts_are_on_one_line_with_the_file_first() -> None:
    assert facts(thing_of(state="warming", location=PLACE)) == "warming · file.json:2 in folder"
    one_line = Location(Document.of("file.json", b'{"a": 1}'), ("a",))
    assert facts(thing_of(location=one_line)) == "file.json a"
    assert facts(thing_of()) == ""


def test_the_first_wrong_field_stands_beside_the_place() -> None:
    wrong = WrongField("spec.a", "unknown field a", "", PLACE, "Istio 1.99")
    first = "spec.a: unknown field a (folder/file.json:2)"
    assert facts(thing_of(field_problems=(wrong,))) == first
    assert facts(thing_of(field_problems=(wrong, wrong))) == f"{first} and 1 more"
