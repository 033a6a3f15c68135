from __future__ import annotations

import pytest

from meshscope.listing.describe import describe
from meshscope.listing.find import find
from meshscope.listing.registry import kind_named
from meshscope.listing.selection import EVERYTHING, Selection
from meshscope.tui.object_view import links
from meshscope.tui.search_view import target_of
from meshscope.tui.target import Target, target_in_proxy, target_of_object

from ..mesh.meshes import recorded

MESH = recorded("bookinfo")
PRODUCTPAGE = next(proxy.name for proxy in MESH.proxies if proxy.name.startswith("productpage"))


def is_there(target: Target) -> bool:
    return describe(MESH, kind_named(target.kind, MESH), target.selection) is not None


@pytest.mark.parametrize("text", ["reviews", "10.20.0.21", "productpage", "9080", "vs/reviews.default", "default"])
def test_what_a_mention_opens_is_there(text: str) -> None:
    targets = {target_of(MESH, mention) for mention in find(MESH, text)}
    assert targets - {None}
    for target in targets:
        assert target is None or is_there(target), target


@pytest.mark.parametrize("word", ["listeners", "clusters", "filterchains"])
def test_what_a_link_opens_is_there(word: str) -> None:
    kind = kind_named(word, MESH)
    names = [(row.proxy, kind.key(row)) for row in kind.rows(MESH, EVERYTHING)]
    for proxy, name in names:
        thing = describe(MESH, kind, Selection(proxy=proxy, name=name))
        assert thing
        for link in links(MESH, thing):
            assert link.target is None or is_there(link.target), link


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("VirtualService default/reviews", "virtualservices.networking.istio.io", "reviews.default"),
        ("Service default/reviews", "services.core", "reviews.default"),
    ],
)
def test_an_object_is_named_by_its_text(text: str, kind: str, name: str) -> None:
    target = target_of_object(MESH, text)
    assert target
    assert (target.kind, target.selection.name) == (kind, name)
    assert is_there(target)


@pytest.mark.parametrize(
    "text", ["VirtualService default/review", "VirtualService other/reviews", "Nothing default/reviews"]
)
def test_an_object_that_is_not_in_the_input_opens_nothing(text: str) -> None:
    assert target_of_object(MESH, text) is None


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        ("route_config", "/0.0.0.0_15090/0", ("filterchains", "0.0.0.0_15090/0")),
        ("virtual_host", "/0.0.0.0_15090/0/backend", ("filterchains", "0.0.0.0_15090/0")),
        ("route", "/0.0.0.0_15090/0/backend/1", ("filterchains", "0.0.0.0_15090/0")),
        ("route_config", "a/b", ("routes", "a/b")),
        ("route", "9080/reviews:9080/1", ("routes", "9080/reviews:9080/1")),
    ],
)
def test_a_part_of_an_inline_route_table_is_in_its_filter_chain(
    kind: str, name: str, expected: tuple[str, str]
) -> None:
    target = target_in_proxy(MESH, kind, name, PRODUCTPAGE)
    assert target == Target(expected[0], Selection(proxy=PRODUCTPAGE, name=expected[1]))


def test_a_kind_without_a_table_opens_nothing() -> None:
    assert target_in_proxy(MESH, "scoped_route_config", "x", PRODUCTPAGE) is None
