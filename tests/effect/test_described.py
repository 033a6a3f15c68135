"""Attribution both ways: what a rule made, and which rules made an object of a proxy."""

from __future__ import annotations

import pytest

from meshscope.effect.described import NONE, Attribution, attribution
from meshscope.listing.describe import Description, describe
from meshscope.listing.registry import kind_named
from meshscope.listing.selection import Selection
from meshscope.mesh.mesh import Mesh

from . import recorded


def described(mesh: Mesh, kind: str, name: str, proxy: str = "") -> Description:
    thing = describe(mesh, kind_named(kind, mesh), Selection(name=name, proxy=proxy))
    assert thing is not None
    return thing


def of(mesh: str, kind: str, name: str, proxy: str = "") -> Attribution:
    found = recorded.mesh(mesh)
    return attribution(found, described(found, kind, name, proxy))


def made(found: Attribution, rule: str, proxy: str) -> set[str]:
    """What a rule made in proxies of that name."""
    rules = (one for one in found.rules if one.rule == rule and (one.proxy or "").startswith(proxy))
    return {f"{each.kind}/{each.name}" for one in rules for each in one.makes}


TLS_CHAIN = "filterchain/0.0.0.0_8443/2"
SUBSET = "cluster/outbound|80|v1|cart.shop.svc.cluster.local"


@pytest.mark.parametrize(
    ("mesh", "kind", "name", "rule", "proxy", "thing"),
    [
        ("gateways", "virtualservices", "www.default", "http[0]", "istio-ingressgateway",
         "route/http.8080/www.example.com:80/0"),
        ("gateways", "virtualservices", "passthrough.default", "tls[0]", "istio-ingressgateway", TLS_CHAIN),
        ("gateways", "destinationrules", "cart.shop", "subsets[0]", "raw", SUBSET),
        ("services", "envoyfilters", "tag-responses.default", "configPatches[0]", "app-v1", ""),
        ("security", "authorizationpolicies", "ledger-allow.bank", "rules[0]", "ledger", "filterchain/virtualInbound/4"),
        ("security", "peerauthentications", "ledger-ports.bank", "mtls", "ledger", "filterchain/virtualInbound/3"),
        ("security", "requestauthentications", "token.default", "jwtRules[0]", "token", ""),
    ],
)  # fmt: skip
def test_a_rule_names_what_it_made(  # noqa: PLR0913, PLR0917  # a table's columns
    mesh: str, kind: str, name: str, rule: str, proxy: str, thing: str
) -> None:
    found = made(of(mesh, kind, name), rule, proxy)
    assert thing in found if thing else all("/" in one for one in found)


def test_each_thing_that_a_rule_made_names_the_rule() -> None:
    """Both directions agree, for every rule of the recorded mesh."""
    mesh = recorded.mesh("gateways")
    for name, effects in recorded.recorded("gateways").items():
        for one in effects[:2]:
            for each in one.makes[:1]:
                kind = {
                    "route": "routes",
                    "filterchain": "filterchains",
                    "cluster": "clusters",
                    "listener": "listeners",
                }.get(each.kind)
                if kind is None or one.proxy is None:
                    continue
                thing = described(mesh, kind, each.name, one.proxy)
                makers = {(maker.object, maker.rule) for maker in attribution(mesh, thing).made_by}
                assert (name, one.rule) in makers, f"{each} of {name} {one.rule}"


def test_a_chain_names_its_policies_with_their_lines() -> None:
    found = of("security", "filterchains", "virtualInbound/3", "ledger")
    named = {f"{one.object} {one.rule}": one.location for one in found.made_by}
    assert {
        "PeerAuthentication bank/ledger-ports mtls",
        "AuthorizationPolicy bank/ledger-allow rules[2]",
    } <= named.keys()
    assert all(place is not None and place.place().line for place in named.values())


def test_what_no_rule_made_is_told_of_what_istiod_makes_it() -> None:
    found = of("gateways", "clusters", "PassthroughCluster", "raw")
    assert found == Attribution(made_of="istiod's own, for what no service has")
    assert of("gateways", "services", "cart.shop.svc.cluster.local") == NONE


def test_what_a_rule_made_by_the_way_on_port_80_is_the_rules() -> None:
    found = of("services", "routes", "80/rpc.team-b.svc.cluster.local:80/0", "sleep")
    assert [f"{one.object} {one.rule}" for one in found.made_by] == ["VirtualService team-b/rpc http[0]"]
    assert not found.made_of


@pytest.mark.parametrize(
    ("kind", "name", "words"),
    [
        ("clusters", "outbound|80||sleep.default.svc.cluster.local", "Service default/sleep, port 80"),
        ("clusters", "outbound|80|v1|app.default.svc.cluster.local",
         "Service default/app, port 80, subset v1 of DestinationRule default/app"),
        ("listeners", "10.96.0.29_7000", "Service team-b/sniff, port 7000"),
        ("filterchains", "virtualInbound/0", "istiod's own, for port 15006"),
        ("filterchains", "virtualInbound/6", "Service default/sleep, port 80"),
        ("routes", "80/sleep.default.svc.cluster.local:80/0", "Service default/sleep, port 80"),
        ("routes", "80/allow_any/0", "istiod's own, for hosts that no service has (outboundTrafficPolicy ALLOW_ANY)"),
    ],
)  # fmt: skip
def test_what_istiod_makes_of_services_alone_has_words(kind: str, name: str, words: str) -> None:
    assert of("services", kind, name, "sleep").made_of == words
