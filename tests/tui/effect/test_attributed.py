from __future__ import annotations

import pytest

from meshscope.listing.describe import Description, describe
from meshscope.listing.registry import kind_named
from meshscope.listing.selection import Selection
from meshscope.tui.effect.attributed import attributed
from meshscope.tui.object_view import MADE, MADE_BY, OWNER, Link, with_rules
from meshscope.tui.target import Target

from ...effect.recorded import mesh

EDGE = "edge-gateway-fc57ea8b4a-ca174.istio-system"


def thing(recording: str, kind: str, name: str, proxy: str = "") -> Description:
    found = describe(mesh(recording), kind_named(kind), Selection(proxy=proxy, name=name))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("kind", "name", "makers"),
    [
        ("listeners", "0.0.0.0_9000", {("Gateway istio-system/edge", "servers[2]", "istio.yaml:34")}),
        ("filterchains", "0.0.0.0_8080/0", {("Gateway istio-system/edge", "servers[0]", "istio.yaml:29")}),
    ],
)
def test_an_object_of_envoy_names_the_rules_that_made_it_with_their_lines(
    kind: str, name: str, makers: set[tuple[str, str, str]]
) -> None:
    found = attributed(mesh("gateways"), thing("gateways", kind, name, EDGE))
    assert makers <= {(link.text, link.rule, link.note) for link in found}
    assert {link.role for link in found} == {MADE_BY}
    assert all(link.target for link in found)


def test_both_directions_agree() -> None:
    """Each object that a rule made names that rule."""
    for link in attributed(mesh("gateways"), thing("gateways", "virtualservices", "api.default")):
        if link.target is None:
            continue
        assert link.role == MADE
        made = describe(mesh("gateways"), kind_named(link.target.kind), link.target.selection)
        assert made is not None
        makers = attributed(mesh("gateways"), made)
        assert ("VirtualService default/api", link.rule) in {(maker.text, maker.rule) for maker in makers}


def test_what_no_rule_made_has_none() -> None:
    assert attributed(mesh("gateways"), thing("gateways", "clusters", "BlackHoleCluster", EDGE)) == ()


def test_rules_stand_instead_of_the_owner_that_they_name_and_beside_another_one() -> None:
    one, other = Target("virtualservices", Selection(name="a")), Target("virtualservices", Selection(name="b"))
    made = Link(role=MADE_BY, text="a", target=one)
    owner, stranger = Link(role=OWNER, text="a", target=one), Link(role=OWNER, text="b", target=other)
    assert with_rules((owner,), (made,)) == (made,)
    assert with_rules((stranger,), (made,)) == (made, stranger)
    assert with_rules((owner,), ()) == (owner,)
