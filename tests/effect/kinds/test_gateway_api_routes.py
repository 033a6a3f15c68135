"""Routes of the Gateway API on the gateway and in the mesh: each way in which a rule may miss a proxy, and near misses."""

from __future__ import annotations

from typing import Any

import pytest

from meshscope.effect.answer import RuleEffect, State
from meshscope.istio.owner_text import parse_owner
from meshscope.listing.kinds.routes import rows
from meshscope.listing.selection import Selection

from ...mesh.meshes import manifest, tcp_listener
from ..gateway_api.small_mesh import (
    GROUP,
    LISTENER,
    cluster,
    envoy_route,
    gateway,
    gateway_dump,
    http,
    judged,
    mesh,
    prefix,
    route,
    rule,
    service,
    sidecar_dump,
    virtual_host,
)

Json = Any
IN, PARTLY, NOT, UNKNOWN = State.IN_EFFECT, State.PARTLY, State.NOT_IN_EFFECT, State.UNKNOWN
WHOLE = envoy_route(prefix("/"))
B = {"name": "b", "port": 80}


def found(
    *objects: Json, routes: tuple[Json, ...] = (), host: str = "a.example", ref: str = "HTTPRoute shop/r", **more: Any
) -> dict[str, RuleEffect]:
    """By rule, on the gateway whose virtual host has these routes."""
    dump = gateway_dump(virtual_host(host, *routes), **more)
    return {one.rule: one for one in judged(mesh(dump, objects=objects), ref)}


def states(answers: dict[str, RuleEffect]) -> dict[str, State]:
    return {name: one.state for name, one in answers.items()}


# --- what the proxy has --------------------------------------------------------------------------------------------


def test_rules_and_their_matches_in_the_order_of_the_gateway_api_are_in_effect() -> None:
    rules = (rule("/", "/x"), rule("/xyz"))
    routes = (envoy_route(prefix("/xyz"), "shop.r.1"), envoy_route(prefix("/x")), WHOLE)
    answers = found(gateway(), route(*rules), routes=routes)
    assert states(answers) == {"rules[0].matches[0]": IN, "rules[0].matches[1]": IN, "rules[1]": IN}
    answers = found(gateway(), route(*rules), routes=(routes[1], routes[0], WHOLE))
    assert answers["rules[0].matches[1]"].state is PARTLY
    assert answers["rules[0].matches[1]"].because.endswith("stands behind one of a later rule")
    assert answers["rules[1]"].state is IN, "/x is of whole segments, and leaves /xyz to it"


@pytest.mark.parametrize(
    ("rules", "routes", "name", "state", "because"),
    [
        ([rule("/x")], [envoy_route(prefix("/x"), cluster=cluster("b"))], "rules[0]", PARTLY, "route.cluster is"),
        (
            [rule("/x", timeouts={"request": "3s"})],
            [envoy_route(prefix("/x"))],
            "rules[0]",
            PARTLY,
            "route.timeout is 0s",
        ),
        ([rule("/x", timeouts={"request": "3s"})], [envoy_route(prefix("/x"), timeout="3s")], "rules[0]", IN, ""),
        ([rule("/x"), rule("/y")], [envoy_route(prefix("/x"))], "rules[1]", NOT, "has no such route"),
        (
            [rule("/x")],
            [envoy_route(prefix("/x")), envoy_route(prefix("/y"), "shop.r.1")],
            "rules",
            PARTLY,
            "route 1 shop.r.1 of a.example:80 is made of it, and no rule asks for it",
        ),
        (
            [rule("/x/y")],
            [envoy_route(prefix("/x"), "shop.q.0"), envoy_route(prefix("/x/y"))],
            "rules[0]",
            NOT,
            "route 0 before it takes all its requests (HTTPRoute shop/q rule 0",
        ),
        ([rule("/xy")], [envoy_route(prefix("/x"), "shop.q.0"), envoy_route(prefix("/xy"))], "rules[0]", IN, ""),
        ([rule(), rule()], [WHOLE], "rules[1]", NOT, "rules[0] before it takes every request"),
        (
            [rule("/", to=[B])],
            [envoy_route(prefix("/"), "shop.q.0")],
            "rules[0]",
            NOT,
            "route 0 of a.example:80 takes every request, and istiod sends none behind it (HTTPRoute shop/q rule 0)",
        ),
    ],
)
def test_what_differs_in_the_proxy(rules: Json, routes: Json, name: str, state: State, because: str) -> None:
    answers = found(gateway(), route(*rules), routes=tuple(routes))
    assert answers[name].state is state
    assert because in answers[name].because
    assert answers[name].location is not None


def test_a_route_of_another_object_is_no_rule_that_nobody_asks_for() -> None:
    """Routes of several objects stand in one virtual host and one VirtualService."""
    routes = (envoy_route(prefix("/x"), "shop.q.0"), WHOLE)
    for name in ("r", "q"):
        objects = (gateway(), route(rule("/")), route(rule("/x"), name="q"))
        assert states(found(*objects, routes=routes, ref=f"HTTPRoute shop/{name}")) == {"rules[0]": IN}


def test_a_rule_with_a_name_of_its_own_is_known_by_it() -> None:
    """Nothing else tells whose it is: the object in its metadata has the rules of both."""
    objects = (gateway(), route(rule("/")), route(rule("/x", name="mine"), name="q"))
    routes = (envoy_route(prefix("/x"), "mine"), WHOLE)
    for name in ("r", "q"):
        assert states(found(*objects, routes=routes, ref=f"HTTPRoute shop/{name}")) == {"rules[0]": IN}
    answers = found(*objects, routes=(WHOLE,), ref="HTTPRoute shop/q")
    assert states(answers) == {"rules[0]": NOT}


@pytest.mark.parametrize(
    ("version", "key"), [("1.31.0", f"{LISTENER}~a.example"), ("1.26.0", "r-0-istio-autogenerated-k8s-gateway")]
)
def test_the_name_of_what_istiod_makes_is_of_its_version(version: str, key: str) -> None:
    answers = found(gateway(), route(rule("/")), routes=(envoy_route(prefix("/"), key=key),), version=version)
    assert states(answers) == {"rules[0]": IN}


def test_the_names_of_rules_are_compared_in_no_version() -> None:
    answers = found(gateway(), route(rule("/", name="own")), routes=(envoy_route(prefix("/"), "own"),))
    assert states(answers) == {"rules[0]": IN}


def test_a_grpc_route_is_told_from_an_http_route_of_the_same_name() -> None:
    asked = {"matches": [{"method": {"service": "foo", "method": "Bar"}}], "backendRefs": [{"name": "a", "port": 80}]}
    routes = (envoy_route({"path": "/foo/Bar"}),)
    answers = found(gateway(), route(asked, kind="GRPCRoute"), routes=routes, ref="GRPCRoute shop/r")
    assert states(answers) == {"rules[0]": IN}
    answers = found(
        gateway(),
        route(asked, kind="GRPCRoute"),
        route(rule("/"), name="q"),
        routes=(envoy_route(prefix("/"), "shop.q.0"),),
        ref="GRPCRoute shop/r",
    )
    assert states(answers) == {"rules[0]": NOT}


# --- what it is attached to ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("of_gateway", "of_route", "name", "because"),
    [
        ({}, {"parentRefs": [{"name": "wep"}]}, "parentRefs[0]", "Gateway shop/wep does not exist"),
        (
            {},
            {"parentRefs": [{"name": "web", "sectionName": "https"}]},
            "parentRefs[0]",
            "Gateway shop/web has no listener https",
        ),
        (
            {},
            {"parentRefs": [{"name": "web", "port": 81}]},
            "parentRefs[0]",
            "no listener of Gateway shop/web has port 81",
        ),
        ({}, {"parentRefs": [{"name": "a", "kind": "Service"}]}, "parentRefs[0]", 'its group is ""'),
        (
            {"hostname": "*.org"},
            {},
            "parentRefs[0]",
            "listener http of Gateway shop/web is for *.org, which none of a.example is in",
        ),
        ({"allowedRoutes": {"kinds": [{"kind": "GRPCRoute"}]}}, {}, "parentRefs[0]", "takes no HTTPRoute"),
        ({"allowedRoutes": {"namespaces": {"from": "None"}}}, {}, "parentRefs[0]", "takes routes of no namespace"),
        (
            {"hostname": "*.example"},
            {"hostnames": ["a.example", "b.org"]},
            "hostnames[1]",
            "no listener that it is attached to has the host b.org",
        ),
    ],
)
def test_what_a_route_is_not_attached_to_is_told_once(
    of_gateway: Json, of_route: Json, name: str, because: str
) -> None:
    answers = found(gateway(http(**of_gateway)), route(rule("/"), **of_route), routes=(WHOLE,))
    assert answers[name].state is NOT
    assert answers[name].proxy is None
    assert because in answers[name].because
    without = judged(mesh(objects=[gateway(http(**of_gateway)), route(rule("/"), **of_route)]))
    assert answers[name] in without, "no proxy is asked for it"


@pytest.mark.parametrize(
    ("of_gateway", "of_route"),
    [
        ({"hostname": "*.example"}, {}),
        ({"hostname": "a.example"}, {"hostnames": ["*.example"]}),
        ({}, {"parentRefs": [{"name": "web", "sectionName": "http", "port": 80}]}),
        ({"allowedRoutes": {"kinds": [{"kind": "HTTPRoute"}], "namespaces": {"from": "All"}}}, {}),
        (
            {
                "allowedRoutes": {
                    "namespaces": {
                        "from": "Selector",
                        "selector": {"matchLabels": {"kubernetes.io/metadata.name": "shop"}},
                    }
                }
            },
            {},
        ),
    ],
)
def test_a_route_that_is_attached(of_gateway: Json, of_route: Json) -> None:
    host = (of_route.get("hostnames") or ["a.example"])[0]
    key = f"{LISTENER}~{host}"
    answers = found(
        gateway(http(**of_gateway)), route(rule("/"), **of_route), routes=(envoy_route(prefix("/"), key=key),)
    )
    assert states(answers) == {"rules[0]": IN}


def test_one_parent_of_two_that_fails_is_told_beside_the_other() -> None:
    asked = route(rule("/"), parentRefs=[{"name": "web", "sectionName": "no"}, {"name": "web"}])
    assert states(found(gateway(), asked, routes=(WHOLE,))) == {"parentRefs[0]": NOT, "rules[0]": IN}


@pytest.mark.parametrize(
    ("allowed", "labels", "state"),
    [
        ({"from": "Same"}, None, NOT),
        ({"from": "All"}, None, IN),
        ({"from": "Selector", "selector": {"matchLabels": {"team": "x"}}}, {"team": "x"}, IN),
        ({"from": "Selector", "selector": {"matchLabels": {"team": "x"}}}, {"team": "y"}, NOT),
        ({"from": "Selector", "selector": {"matchLabels": {"team": "x"}}}, None, UNKNOWN),
    ],
)
def test_namespaces_of_routes_are_selected_by_labels_that_have_to_be_known(
    allowed: Json, labels: Json, state: State
) -> None:
    objects = [gateway(http(allowedRoutes={"namespaces": allowed}))]
    asked = [{"name": "a", "namespace": "shop", "port": 80}]
    objects.append(route(rule("/", to=asked), namespace="team", parentRefs=[{"name": "web", "namespace": "shop"}]))
    grant = {
        "from": [{"group": GROUP, "kind": "HTTPRoute", "namespace": "team"}],
        "to": [{"group": "", "kind": "Service"}],
    }
    objects.append(manifest("ReferenceGrant", "g", GROUP, spec=grant))
    if labels is not None:
        objects.append(manifest("Namespace", "team", namespace="", metadata={"labels": labels}))
    made = envoy_route(prefix("/"), "team.r.0")
    assert found(*objects, routes=(made,), ref="HTTPRoute team/r")["rules[0]"].state is state


def test_of_another_controller_nothing_is_claimed() -> None:
    nginx = manifest("GatewayClass", "nginx", GROUP, namespace="", spec={"controllerName": "nginx.org/gateway"})
    for objects in ((), (nginx,)):
        answers = found(gateway(gatewayClassName="nginx"), route(rule("/")), *objects)
        assert states(answers) == {"parentRefs[0]": UNKNOWN, "rules[0]": UNKNOWN}


def test_a_gateway_that_is_not_the_parent_is_not_meant() -> None:
    other = gateway(http("a.example"), name="other")
    answers = found(gateway(), other, route(rule("/"), parentRefs=[{"name": "other"}]))
    assert states(answers) == {"rules[0]": NOT}
    assert answers["rules[0]"].proxy is None
    assert "it is for the pods of Service other-istio.shop.svc.cluster.local" in answers["rules[0]"].because


# --- backends ------------------------------------------------------------------------------------------------------

AWAY = {"name": "a", "namespace": "other", "port": 80}
GRANT = manifest(
    "ReferenceGrant",
    "g",
    GROUP,
    "other",
    spec={
        "from": [{"group": GROUP, "kind": "HTTPRoute", "namespace": "shop"}],
        "to": [{"group": "", "kind": "Service", "name": "a"}],
    },
)


def weighted(*names: str) -> Json:
    shares = [{"name": name, "weight": 1} for name in names]
    return envoy_route(prefix("/"), whole={"route": {"timeout": "0s", "weighted_clusters": {"clusters": shares}}})


@pytest.mark.parametrize(
    ("to", "made", "state", "because"),
    [
        (
            [AWAY],
            envoy_route(prefix("/"), cluster="UnknownService"),
            NOT,
            "no ReferenceGrant lets HTTPRoutes of shop lead to Service other/a: requests get 500",
        ),
        ([AWAY, {"name": "a", "port": 80}], weighted("UnknownService", cluster("a")), PARTLY, "no ReferenceGrant"),
        (
            [{"name": "zz", "port": 80}],
            envoy_route(prefix("/"), cluster=cluster("zz")),
            NOT,
            "no service has the host zz.shop.svc.cluster.local",
        ),
        (
            [{"name": "a", "port": 81}],
            envoy_route(prefix("/"), cluster=cluster("a", 81)),
            NOT,
            "Service shop/a has no port 81",
        ),
        ([], envoy_route(prefix("/"), whole={"direct_response": {"status": 500}}), IN, ""),
        (
            [{"name": "a", "port": 80, "weight": 0}],
            envoy_route(prefix("/"), whole={"direct_response": {"status": 500}}),
            IN,
            "",
        ),
        ([{"name": "a", "port": 80, "weight": 0}], WHOLE, PARTLY, "direct_response is absent, 500 was expected"),
        ([{"name": "a", "port": 80, "weight": 0}, B], envoy_route(prefix("/"), cluster=cluster("b")), IN, ""),
        (
            [{"kind": "InferencePool", "group": "inference.networking.k8s.io", "name": "p"}],
            envoy_route(prefix("/"), cluster="x"),
            UNKNOWN,
            "InferencePool shop/p is not in this input",
        ),
    ],
)
def test_backends(to: Json, made: Json, state: State, because: str) -> None:
    answer = found(gateway(), route(rule("/", to=to)), routes=(made,))["rules[0]"]
    assert answer.state is state
    assert because in answer.because


@pytest.mark.parametrize("kind", ["HTTPRoute", "GRPCRoute"])
def test_istiod_makes_nothing_of_sessions(kind: str) -> None:
    """Beside it the rule has its own answer."""
    asked = {"backendRefs": [{"name": "a", "port": 80}]}
    sticky = {**asked, "sessionPersistence": {"type": "Cookie"}}
    answers = found(gateway(), route(sticky, asked, kind=kind), routes=(WHOLE,), ref=f"{kind} shop/r")
    session = answers["rules[0].sessionPersistence"]
    assert (session.state, session.because) == (NOT, "istiod makes nothing of sessionPersistence")
    assert "rules[1].sessionPersistence" not in answers
    assert "rules[0]" in answers


@pytest.mark.parametrize(
    ("objects", "leads_to", "state"),
    [
        ([GRANT], cluster("a", namespace="other"), IN),
        ([GRANT], "UnknownService", PARTLY),
        ([], "UnknownService", NOT),
        ([], cluster("a", namespace="other"), IN),
        ([], cluster("a"), PARTLY),
    ],
)
def test_a_grant_lets_a_route_lead_to_another_namespace(objects: Json, leads_to: str, state: State) -> None:
    """A proxy that leads there is allowed to, whether or not the input has the grant."""
    made, there = envoy_route(prefix("/"), cluster=leads_to), service("a", namespace="other")
    answer = found(gateway(), route(rule("/", to=[AWAY])), there, *objects, routes=(made,))["rules[0]"]
    assert answer.state is state
    assert ("ReferenceGrant" in answer.because) is (not objects and state is not IN)


def test_a_mirror_that_is_not_valid_is_left_out_and_its_rule_is_not() -> None:
    """Of a GRPCRoute the whole route is."""
    mirror = {"type": "RequestMirror", "requestMirror": {"backendRef": AWAY}}
    answer = found(gateway(), route(rule("/", filters=[mirror])), routes=(WHOLE,))["rules[0]"]
    assert answer.state is PARTLY
    assert answer.because.endswith("lead to Service other/a: nothing is mirrored")
    asked = {"filters": [mirror], "backendRefs": [{"name": "a", "port": 80}]}
    answer = found(gateway(), route(asked, kind="GRPCRoute"), routes=(WHOLE,), ref="GRPCRoute shop/r")["rules[0]"]
    assert answer.state is NOT
    assert answer.because.startswith("rules[0]: no ReferenceGrant lets GRPCRoutes")


def test_a_backend_that_is_wrong_in_two_ways_is_told_by_the_first() -> None:
    answer = found(gateway(), route(rule("/", to=[{"name": "a", "namespace": "other"}])))["rules[0]"]
    assert answer.state is NOT
    assert answer.because == "no ReferenceGrant lets HTTPRoutes of shop lead to Service other/a: requests get 500"


@pytest.mark.parametrize(
    ("asked", "because"),
    [
        (
            {"filters": [{"type": "ExtensionRef"}]},
            "rules[1]: istiod knows no filter ExtensionRef of HTTPRoutes, and leaves the whole route out",
        ),
        ({"to": [{"name": "a"}]}, "rules[1]: the backendRef to Service shop/a has no port"),
        (
            {"to": [{"name": "a.shop", "port": 80}]},
            "rules[1]: a.shop is a host, and a backendRef needs the Service's name",
        ),
    ],
)
def test_one_rule_may_leave_the_whole_route_without_configuration(asked: Json, because: str) -> None:
    answers = found(gateway(), route(rule("/x"), rule("/y", **asked)))
    assert states(answers) == {"rules[0]": NOT, "rules[1]": NOT}
    assert {one.because for one in answers.values()} == {because}


# --- the mesh ------------------------------------------------------------------------------------------------------


def of_mesh(namespace: str = "shop", **of_parent: Json) -> Json:
    parent = {"group": "", "kind": "Service", "name": "a", "namespace": "shop", **of_parent}
    to = [{"name": "b", "namespace": "shop", "port": 80}]
    return route(rule("/", to=to), namespace=namespace, hostnames=None, parentRefs=[parent])


def mesh_host(key: str = "shop~a.shop.svc.cluster.local", namespace: str = "shop", **match: Json) -> Json:
    made = envoy_route({**prefix("/"), **match}, f"{namespace}.r.0", key=key, cluster=cluster("b"))
    return virtual_host("a.shop.svc.cluster.local", made)


def test_a_route_of_a_service_is_for_sidecars() -> None:
    one = mesh(gateway_dump(), sidecar_dump(mesh_host()), objects=[gateway(), of_mesh()])
    (answer,) = judged(one)
    assert (answer.proxy, answer.state) == ("client-1.shop", IN)
    (answer,) = judged(one, proxy="web")
    assert answer.because == "it is attached to a.shop.svc.cluster.local, whose routes gateways do not take"
    (answer,) = judged(
        mesh(gateway_dump(virtual_host("a.example", WHOLE)), sidecar_dump(), objects=[gateway(), route(rule("/"))]),
        proxy="client",
    )
    assert answer.because == "it is attached to Gateway shop/web: its rules are for that gateway"


@pytest.mark.parametrize(("client", "state"), [("team", IN), ("shop", NOT)])
def test_a_route_outside_of_the_services_namespace_is_for_its_own(client: str, state: State) -> None:
    host = mesh_host("team~a.shop.svc.cluster.local", "team")
    (answer,) = judged(mesh(sidecar_dump(host, namespace=client), objects=[of_mesh("team")]), "HTTPRoute team/r")
    assert answer.state is state
    if state is NOT:
        assert "is for proxies of its own namespace, team" in answer.because


def test_a_parent_may_be_one_port_of_a_service() -> None:
    host = mesh_host("shop~80~a.shop.svc.cluster.local")
    (answer,) = judged(mesh(sidecar_dump(host), objects=[of_mesh(port=80)]))
    assert answer.state is IN
    (answer,) = judged(mesh(sidecar_dump(), objects=[of_mesh(port=81)]))
    assert answer.because == "it asks for port 81; this is port 80"


def test_an_own_virtual_service_keeps_the_host() -> None:
    """Only one object has a host on a sidecar."""
    route_ = {"name": "vs", "match": {"prefix": "/"}, "route": {"cluster": cluster("b"), "timeout": "0s"}}
    config = "/apis/networking.istio.io/v1/namespaces/shop/virtual-service/vs"
    route_["metadata"] = {"filter_metadata": {"istio": {"config": config}}}
    to = {"http": [{"route": [{"destination": {"host": "b"}}]}], "hosts": ["a"]}
    own = manifest("VirtualService", "vs", "networking.istio.io", spec=to)
    one = mesh(sidecar_dump(virtual_host("a.shop.svc.cluster.local", route_)), objects=[own, of_mesh()])
    (answer,) = judged(one)
    assert answer.state is NOT
    assert answer.because.startswith(
        "VirtualService shop/vs has the host a.shop.svc.cluster.local: which of both is older is unknown"
    )


# --- TLS and TCP ---------------------------------------------------------------------------------------------------

TO = {"backendRefs": [{"name": "a", "port": 80}]}
TCP = {"name": "t", "port": 9000, "protocol": "TCP"}
TLS = {"name": "t", "port": 443, "protocol": "TLS", "hostname": "*.example", "tls": {"mode": "Passthrough"}}


@pytest.mark.parametrize(
    ("listener", "kind", "made", "state"),
    [
        (TCP, "TCPRoute", tcp_listener("0.0.0.0_9000", cluster("a")), IN),
        (TCP, "TCPRoute", tcp_listener("0.0.0.0_9000", cluster("b")), PARTLY),
        (TCP, "TCPRoute", tcp_listener("0.0.0.0_9001", cluster("a")), NOT),
        (
            TLS,
            "TLSRoute",
            tcp_listener("0.0.0.0_443", cluster("a"), filter_chain_match={"server_names": ["a.example"]}),
            IN,
        ),
        (
            TLS,
            "TLSRoute",
            tcp_listener("0.0.0.0_443", cluster("a"), filter_chain_match={"server_names": ["b.example"]}),
            NOT,
        ),
    ],
)
def test_connections(listener: Json, kind: str, made: Json, state: State) -> None:
    hostnames = ["a.example"] if kind == "TLSRoute" else None
    asked = route(TO, kind=kind, hostnames=hostnames)
    answers = found(gateway(listener), asked, extra=(made,), ref=f"{kind} shop/r")
    assert states(answers) == {"rules[0]": state}


def test_a_route_of_another_protocol_is_not_taken() -> None:
    answers = found(gateway(TCP), route(rule("/")))
    assert answers["rules[0]"].because.endswith(
        "listener t of Gateway shop/web, whose protocol is TCP, takes no HTTPRoute"
    )


# --- the same rule elsewhere ---------------------------------------------------------------------------------------


def test_describe_names_the_rule_that_the_effect_is_of() -> None:
    """`get routes` and `describe` read the name of the route; the effect knows what it made it of."""
    grpc = {"matches": [{"method": {"service": "foo"}}], "backendRefs": [{"name": "a", "port": 80}]}
    routes = (
        envoy_route(prefix("/xyz"), "shop.r.1"),
        envoy_route(prefix("/foo"), "shop.g.0"),
        envoy_route(prefix("/x")),
        WHOLE,
    )
    one = mesh(
        gateway_dump(virtual_host("a.example", *routes)),
        objects=[gateway(), route(rule("/", "/x"), rule("/xyz")), route(grpc, kind="GRPCRoute", name="g")],
    )
    owners = {row.location: row.owner for row in rows(one, Selection())}
    told = 0
    for ref in ("HTTPRoute shop/r", "GRPCRoute shop/g"):
        for answer in judged(one, ref):
            owner = parse_owner(owners[answer.made] or "") if answer.made else None
            assert owner is not None
            assert owner.whole == ref
            assert answer.rule.startswith(f"rules[{owner.rule}]")
            told += 1
    assert told == 4
