"""A server that is taken out of a recorded Gateway and put back gives what a real istiod had made of it, in every trace."""

from __future__ import annotations

import msgspec
import pytest
from msgspec import Raw
from msgspec.structs import replace

from meshscope.envoy.resource import LISTENER
from meshscope.istio.manifest import Object
from meshscope.mesh.mesh import Mesh
from meshscope.overlay.both_sides import is_same
from meshscope.overlay.change import Change, Kind, Reach
from meshscope.overlay.what_if import WhatIf
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.journey.simulator import Simulator
from meshscope.simulation.request import Request
from meshscope.simulation.trace import Trace

from ..asking import item, mesh_of, written
from .asking import answers

MESH = mesh_of("gateways")
GATEWAYS = ("Gateway default/public", "Gateway istio-system/edge", "Gateway default/egress")
ALONE = {
    ("Gateway default/public", "https-admin"): "mode MUTUAL",
    ("Gateway istio-system/edge", "https"): "mode SIMPLE",
    ("Gateway default/egress", "https-mutual"): "mode ISTIO_MUTUAL",
}
"""Servers whose TLS no other server of the mesh is like, so that nothing tells how istiod writes it."""


def servers(one: Object) -> list[dict[str, object]]:
    found: list[dict[str, object]] = msgspec.json.decode(one.body)["spec"]["servers"]
    return found


def with_servers(one: Object, *some: object) -> Object:
    body = msgspec.json.decode(one.body)
    body["spec"]["servers"] = some
    return replace(one, body=Raw(msgspec.json.encode(body)))


def named(one: dict[str, object]) -> str:
    port = one["port"]
    assert isinstance(port, dict)
    return str(port["name"])


SERVERS = [(ref, named(one)) for ref in GATEWAYS for one in servers(item(MESH, ref))]
TODAY = answers(WhatIf(MESH, []))


def without(ref: str, name: str) -> WhatIf:
    one = item(MESH, ref)
    return WhatIf(MESH, [with_servers(one, *(each for each in servers(one) if named(each) != name))])


def listeners(mesh: Mesh) -> dict[tuple[str, str], object]:
    """As they are written, whatever a request meets of them."""
    return {
        (proxy.name, one.name): msgspec.json.decode(one.canonical())
        for proxy in mesh.proxies
        if mesh.kind_of(proxy) == "gateway"
        for one in proxy.resources(LISTENER)
        if one.in_effect
    }


def differing(now: list[Trace], then: list[Trace]) -> int:
    return sum(not is_same(one, other) for one, other in zip(now, then, strict=True))


@pytest.mark.parametrize(("ref", "name"), SERVERS)
def test_a_server_that_is_put_back_leaves_every_answer_as_it_was(ref: str, name: str) -> None:
    gone = without(ref, name)
    assert differing(TODAY, answers(gone)), "taking it out is seen"
    back = WhatIf(gone.mesh, [item(MESH, ref)])
    if why := ALONE.get((ref, name)):
        assert [str(one).partition("(")[2].rstrip(")") for one in back.not_rebuilt] == [why]
    else:
        assert back.not_rebuilt == ()
        assert differing(TODAY, answers(back)) == 0
        assert listeners(back.mesh) == listeners(MESH)


def test_what_a_gateway_gives_and_takes_is_told_of_it() -> None:
    changes = without("Gateway default/public", "http").changes
    assert {(one.what, one.change, one.object) for one in changes} == {
        ("virtual host", Kind.VANISHES, "Gateway default/public")
    }
    changes = without("Gateway istio-system/edge", "http").changes
    assert [(one.what, one.change, one.name, one.rule) for one in changes] == [
        ("listener", Kind.VANISHES, "0.0.0.0_8080", "servers[0]")
    ]


TAKEN = "has its port or one of its hosts"


def applied(text: str) -> WhatIf:
    head = "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: new, namespace: default}\n"
    return WhatIf(MESH, written(f"{head}spec: {{selector: {{istio: ingressgateway}}, servers: [{text}]}}"))


def fields(changes: tuple[Change, ...]) -> dict[str, tuple[str, str]]:
    return {each.field: (each.actual, each.expected) for one in changes for each in one.differences}


def edited(name: str, **changed: object) -> WhatIf:
    one = item(MESH, "Gateway default/public")
    some = [{**each, **changed} if named(each) == name else each for each in servers(one)]
    return WhatIf(MESH, [with_servers(one, *some)])


def test_names_and_certificates_are_changed_in_their_chain() -> None:
    tls = {"mode": "SIMPLE", "credentialName": "admin-cred", "minProtocolVersion": "TLSV1_3"}
    what_if = edited("https-shop", hosts=["shop.example.com", "more.example.com"], tls=tls)
    assert what_if.not_rebuilt == ()
    assert fields(what_if.changes) == {
        "filter_chain_match.server_names": (
            "shop.example.com, www.example.com",
            "more.example.com, shop.example.com",
        ),
        "secrets": ("kubernetes://shop-cred", "kubernetes://admin-cred"),
        "tls_minimum_protocol_version": ("TLSv1_2", "TLSv1_3"),
    }


def test_a_secret_that_is_not_seen_leaves_the_listener_unknown() -> None:
    what_if = edited("https-shop", tls={"mode": "SIMPLE", "credentialName": "new", "minProtocolVersion": "TLSV1_2"})
    (unknown,) = what_if.not_rebuilt
    assert "whether the proxy would have secret kubernetes://new is unknown" in str(unknown)
    secret = written("apiVersion: v1\nkind: Secret\nmetadata: {name: new, namespace: istio-system}\n")
    one = item(MESH, "Gateway default/public")
    tls = {"mode": "SIMPLE", "credentialName": "new", "minProtocolVersion": "TLSV1_2"}
    some = [{**each, "tls": tls} if named(each) == "https-shop" else each for each in servers(one)]
    assert WhatIf(MESH, [with_servers(one, *some), *secret]).not_rebuilt == ()


@pytest.mark.parametrize(("name", "is_told"), [("shop-cred", True), ("shop-cred-2", False)])
def test_a_secret_is_of_matter_where_a_listener_asks_for_it(name: str, *, is_told: bool) -> None:
    head = f"apiVersion: v1\nkind: Secret\nmetadata: {{name: {name}, namespace: istio-system}}\n"
    found = WhatIf(MESH, written(f"{head}type: kubernetes.io/tls\n")).not_rebuilt
    assert [one.proxy for one in found] == (["istio-ingressgateway-bc70f77432-0efe7.istio-system"] if is_told else [])


def test_tls_that_no_server_of_the_mesh_is_like_is_not_made_up() -> None:
    what_if = edited("https-shop", tls={"mode": "MUTUAL", "credentialName": "shop-cred", "cipherSuites": ["a"]})
    assert [str(one).rpartition(": ")[2] for one in what_if.not_rebuilt] == [
        "no server of a gateway tells how istiod writes its tls (mode MUTUAL)"
    ]
    mutual = {"mode": "MUTUAL", "credentialName": "shop-cred"}
    what_if = edited("https-shop", tls=mutual)
    assert fields(what_if.changes)["require_client_certificate"] == ("false", "true")
    assert {str(one).partition("secret ")[2] for one in what_if.not_rebuilt} == {
        "kubernetes://shop-cred-cacert is unknown: it is not in this input"
    }


def test_a_redirect_is_written_with_and_without_routes() -> None:
    def ending(what_if: WhatIf, dest: str) -> Disposition:
        source = "istio-ingressgateway-bc70f77432-0efe7.istio-system"
        return Simulator(what_if.mesh).trace(Request(source=source, dest=dest)).paths[0].disposition

    port = "port: {number: 80, name: http-more, protocol: HTTP}"
    what_if = applied(f"{{{port}, hosts: [old.example.com], tls: {{httpsRedirect: true}}}}")
    assert [(one.what, one.name, one.after) for one in what_if.changes] == [
        ("virtual host", "http.8080/old.example.com:80", "redirect to HTTPS")
    ]
    assert ending(what_if, "http://old.example.com/") is Disposition.REDIRECT
    redirect = "tls: {httpsRedirect: true}"
    assert [one.name for one in applied(f"{{{port}, hosts: ['*'], {redirect}}}").changes] == ["http.8080/*:80"]
    spaced = applied(f"{{{port}, hosts: [shop/old.example.com], {redirect}}}")
    assert [one.decides for one in spaced.not_rebuilt] == [Reach.ROUTES]
    assert not spaced.changes
    alone = WhatIf(MESH, [], without=[item(MESH, "VirtualService default/www").ref])
    assert ending(alone, "http://www.example.com/") is Disposition.REDIRECT
    assert ending(edited("http-redirect", tls=None), "http://www.example.com/") is Disposition.DELIVERED
    redirected = edited("http", tls={"httpsRedirect": True})
    assert ending(redirected, "http://api.example.com/") is Disposition.REDIRECT
    assert ending(WhatIf(MESH, []), "http://api.example.com/") is Disposition.DELIVERED


@pytest.mark.parametrize(
    ("server", "why"),
    [
        ("{port: {number: 81, name: a, protocol: HTTP}, hosts: ['*']}", "whether the pod may open port 81 itself"),
        ("{port: {number: 8000, name: a, protocol: GRPC-WEB}, hosts: ['*']}", "no listener of the proxy speaks HTTP"),
        ("{port: {number: 80, name: a, protocol: HTTPS}, hosts: [a.b], tls: {mode: SIMPLE, credentialName: a}}", TAKEN),
        ("{port: {number: 443, name: a, protocol: HTTPS}, hosts: [admin.example.com], tls: {mode: SIMPLE}}", TAKEN),
        (
            "{port: {number: 5000, name: a, protocol: TCP}, hosts: ['*']}",
            "no VirtualService that is bound to it has tcp",
        ),
    ],
)
def test_ports_that_cannot_be_foretold(server: str, why: str) -> None:
    what_if = applied(server)
    assert not what_if.changes
    assert [why in str(one) for one in what_if.not_rebuilt] == [True]
    (unknown,) = what_if.not_rebuilt
    is_known = why == TAKEN or why.startswith("no VirtualService")
    assert unknown.decides is (Reach.NOWHERE if is_known else Reach.LISTENER)


def test_a_new_port_is_a_listener_like_the_others() -> None:
    what_if = applied("{port: {number: 8000, name: a, protocol: HTTP}, hosts: ['*.example.com']}")
    assert [(one.what, one.change, one.name) for one in what_if.changes] == [("listener", Kind.MADE, "0.0.0.0_8000")]
    assert what_if.not_rebuilt == ()


POLICY = """
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: none, namespace: istio-system}
spec: {selector: {matchLabels: {istio: ingressgateway}}, action: DENY, rules: [{to: [{operation: {paths: [/admin]}}]}]}
"""
SERVERS_OF_OTHERS = """
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: new, namespace: default}
spec:
  selector: {istio: ingressgateway}
  servers:
  - {port: {number: 8000, name: a, protocol: HTTP}, hosts: [a.example.com]}
  - port: {number: 443, name: b, protocol: HTTPS}
    hosts: [b.example.com]
    tls: {mode: SIMPLE, credentialName: shop-cred, minProtocolVersion: TLSV1_2}
"""


def test_policies_that_are_applied_along_stand_in_new_chains_too() -> None:
    policy, gateway = written(POLICY), written(SERVERS_OF_OTHERS)
    one_by_one = WhatIf(WhatIf(MESH, policy).mesh, gateway)
    together = WhatIf(MESH, (*policy, *gateway))
    assert together.not_rebuilt == one_by_one.not_rebuilt == ()
    assert listeners(together.mesh) == listeners(one_by_one.mesh)
    assert listeners(together.mesh) != listeners(WhatIf(MESH, gateway).mesh)
