"""Policies at a waypoint: attached ones alone, and at the chains of what they are attached to."""

from __future__ import annotations

import pytest

from meshscope.effect.answer import RuleEffect, State
from meshscope.effect.configuration import Configuration
from meshscope.effect.effects import effects
from meshscope.snapshot.snapshot import Captured

from ...mesh.meshes import NETWORK, captured, manifest, mesh_of
from ..gateway_api.small_mesh import GROUP
from ..http_routes.test_waypoint_places import USES, VIP, service, waypoint
from .authorization.judging import rbac
from .small_mesh import Json

IN, PARTLY, NOT = State.IN_EFFECT, State.PARTLY, State.NOT_IN_EFFECT
ROOT = "istio-system"
PEER = "spiffe://cluster.local/ns/shop/sa/web"
RULE = {"from": [{"source": {"principals": ["cluster.local/ns/shop/sa/web"]}}]}
SERVICE = {"kind": "Service", "name": "a"}
GATE = {"kind": "Gateway", "name": "gate", "group": GROUP}


def policy(name: str, peer: Json | None = None, namespace: str = "shop") -> Json:
    """The entry that istiod makes of RULE, or one about the connection itself."""
    principal = peer or {"filter_state": {"key": "io.istio.peer_principal", "string_match": {"exact": PEER}}}
    body = {
        "permissions": [{"and_rules": {"rules": [{"any": True}]}}],
        "principals": [{"and_ids": {"ids": [{"or_ids": {"ids": [principal]}}]}}],
    }
    return {f"ns[{namespace}]-policy[{name}]-rule[0]": body}


def chain(host: str, *filters: Json) -> Json:
    name = VIP.format(host)
    manager = {
        "@type": f"{NETWORK}.http_connection_manager.v3.HttpConnectionManager",
        "http_filters": list(filters),
        "route_config": {"name": name, "virtual_hosts": [{"name": "inbound|http|80", "domains": ["*"]}]},
    }
    return {
        "name": f"inbound-vip|80||{host}.shop.svc.cluster.local-http",
        "filters": [{"name": "hcm", "typed_config": manager}],
    }


def judged(proxy: Captured, spec: Json, namespace: str = "shop") -> RuleEffect:
    one = manifest("AuthorizationPolicy", "p", "security.istio.io", namespace, spec={"rules": [RULE], **spec})
    entry = manifest("ServiceEntry", "out", "networking.istio.io", spec={"hosts": ["a.shop.svc.cluster.local"]})
    objects = [service("a", USES), service("b", USES), service("c"), entry, one]
    mesh = mesh_of(proxy, captured("o.json", {"apiVersion": "v1", "kind": "List", "items": objects}))
    configuration = Configuration(mesh)
    item = next(each for each in mesh.objects if each.kind == "AuthorizationPolicy")
    (answer,) = effects(configuration, item, configuration.clients, named=True)
    return answer


@pytest.mark.parametrize(
    ("refs", "at", "state"),
    [
        ([SERVICE], "a", IN),
        ([SERVICE], "b", NOT),
        ([{**SERVICE, "group": "core"}], "a", IN),
        ([{**SERVICE, "name": "b"}, SERVICE], "a", PARTLY),
        ([GATE], "a", PARTLY),
        ([{"kind": "ServiceEntry", "name": "out", "group": "networking.istio.io"}], "a", IN),
    ],
)
def test_a_policy_is_in_the_chains_of_what_it_is_attached_to(refs: Json, at: str, state: State) -> None:
    filters = {name: [rbac(policy("p"))] if name == at else [] for name in "ab"}
    proxy = waypoint(*(chain(name, *filters[name]) for name in "ab"))
    assert judged(proxy, {"targetRefs": refs}).state is state


def test_a_policy_of_the_whole_gateway_is_in_every_chain() -> None:
    proxy = waypoint(*(chain(name, rbac(policy("p"))) for name in "ab"))
    assert judged(proxy, {"targetRefs": [GATE]}).state is IN


def test_the_class_counts_in_the_root_namespace_alone() -> None:
    ref = {"kind": "GatewayClass", "name": "istio-waypoint", "group": GROUP}
    proxy = waypoint(chain("a", rbac(policy("p", namespace=ROOT))))
    assert judged(proxy, {"targetRefs": [ref]}, ROOT).state is IN
    assert judged(waypoint(chain("a", rbac(policy("p")))), {"targetRefs": [ref]}).state is NOT


def test_a_peer_is_the_one_behind_hbone() -> None:
    outer = {"authenticated": {"principal_name": {"exact": PEER}}}
    assert judged(waypoint(chain("a", rbac(policy("p", outer)))), {"targetRefs": [SERVICE]}).state is PARTLY


@pytest.mark.parametrize(
    ("spec", "because"),
    [
        ({}, "a waypoint takes policies with targetRefs alone"),
        ({"selector": {"matchLabels": {"app": "a"}}}, "a waypoint takes policies with targetRefs alone"),
        (
            {"targetRefs": [{"kind": "Service", "name": "c"}]},
            "it is attached to Service c, which this waypoint does not serve",
        ),
        ({"targetRefs": [{"kind": "Service", "name": "b"}]}, "the waypoint has no filter chain of Service b"),
        (
            {"targetRefs": [{**GATE, "name": "other"}]},
            "it is attached to Gateway other, which this waypoint does not serve",
        ),
    ],
)
def test_others_are_not_for_it(spec: Json, because: str) -> None:
    found = judged(waypoint(chain("a", rbac(policy("p")))), spec)
    assert (found.state, found.because) == (NOT, because)


def test_tokens_are_asked_for_where_the_policy_is_attached() -> None:
    spec = {"targetRefs": [SERVICE], "jwtRules": [{"issuer": "i", "jwks": '{"keys":[]}'}]}
    one = manifest("RequestAuthentication", "t", "security.istio.io", spec=spec)
    objects = captured("o.json", {"apiVersion": "v1", "kind": "List", "items": [service("a", USES), one]})
    mesh = mesh_of(waypoint(chain("a")), objects)
    configuration = Configuration(mesh)
    item = next(each for each in mesh.objects if each.kind == "RequestAuthentication")
    (found,) = effects(configuration, item, configuration.clients)
    assert found.state is NOT
    assert "has no JWT filter" in found.because, found.because
