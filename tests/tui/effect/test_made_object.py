from __future__ import annotations

import pytest

from meshscope.listing.describe import describe
from meshscope.listing.registry import kind_named
from meshscope.location import Document, Location
from meshscope.tui.effect.made_object import made_object

from ...effect.recorded import mesh, recorded

KINDS = {
    "VirtualService": {"routes", "filterchains"},
    "Gateway": {"listeners", "filterchains", "routes"},
    "DestinationRule": {"clusters"},
    "ServiceEntry": {"clusters"},
    "WorkloadEntry": {"endpoints"},
}
"""Kinds of manifests -> the tables that have what they make."""


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_rule_made_is_found_in_the_table_of_its_kind(kind: str) -> None:
    found = 0
    for name in ("gateways", "services"):
        for effects in recorded(name).values():
            for one in [one for one in effects if one.made and one.proxy and one.object.startswith(f"{kind} ")][:2]:
                assert one.made
                assert one.proxy
                target = made_object(mesh(name), one.proxy, one.made)
                assert target is not None
                assert target.kind in KINDS[kind]
                thing = describe(mesh(name), kind_named(target.kind), target.selection)
                assert thing is not None
                assert thing.location is not None
                assert one.made.path[: len(thing.location.path)] == thing.location.path
                found += 1
    assert found


def test_a_place_in_another_document_made_nothing_here() -> None:
    one = next(one for one in recorded("gateways")["VirtualService default/api"] if one.made and one.proxy)
    assert one.made
    assert one.proxy
    elsewhere = Location(Document.of("other.json", b"{}"), one.made.path)
    assert made_object(mesh("gateways"), one.proxy, elsewhere) is None
