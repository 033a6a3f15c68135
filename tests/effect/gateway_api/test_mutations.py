"""Every single change of a healthy route or Gateway is told, on that object alone: what the proxy has is of before the change.

The routes of the proxy are those that the unchanged manifest becomes, so that only the change can be told.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
import pytest

from meshscope.effect.answer import State
from meshscope.effect.configuration import Configuration
from meshscope.effect.effects import effects
from meshscope.effect.gateway_api.attached import attached
from meshscope.effect.gateway_api.sources import Route
from meshscope.effect.http_routes.delegates import rules_of
from meshscope.effect.http_routes.expected import expected_routes
from meshscope.effect.http_routes.places import Place
from meshscope.effect.written import Written
from meshscope.istio.gateway_api.http_route import HTTPRoute
from meshscope.mesh.mesh import Mesh

from ...mesh.meshes import NETWORK, listener, manifest, tls_socket
from ..policies.small_mesh import changes
from .small_mesh import GROUP, gateway, gateway_dump, http, judged, mesh, route, service, virtual_host

Json = Any
HEADERS = {"set": [{"name": "x-a", "value": "1"}], "add": [{"name": "x-b", "value": "2"}], "remove": ["x-c"]}
RULES = [
    {
        "matches": [
            {"path": {"type": "PathPrefix", "value": "/a"}, "method": "GET"},
            {
                "path": {"type": "Exact", "value": "/b"},
                "headers": [{"name": "h", "value": "v"}, {"name": "r", "value": "v.*", "type": "RegularExpression"}],
                "queryParams": [{"name": "q", "value": "1"}],
            },
        ],
        "filters": [
            {"type": "RequestHeaderModifier", "requestHeaderModifier": HEADERS},
            {"type": "ResponseHeaderModifier", "responseHeaderModifier": HEADERS},
            {"type": "RequestMirror", "requestMirror": {"backendRef": {"name": "b", "port": 80}, "percent": 20}},
            {
                "type": "CORS",
                "cors": {
                    "allowOrigins": ["https://x"],
                    "allowMethods": ["GET"],
                    "allowHeaders": ["h"],
                    "exposeHeaders": ["e"],
                    "allowCredentials": True,
                    "maxAge": 30,
                },
            },
        ],
        "timeouts": {"request": "10s", "backendRequest": "2s"},
        "retry": {"attempts": 3, "codes": [503]},
        "backendRefs": [
            {"name": "a", "port": 80, "weight": 3},
            {
                "name": "b",
                "port": 80,
                "weight": 1,
                "filters": [{"type": "RequestHeaderModifier", "requestHeaderModifier": HEADERS}],
            },
        ],
    },
    {
        "matches": [{"path": {"type": "RegularExpression", "value": "/c.*"}}],
        "filters": [
            {
                "type": "RequestRedirect",
                "requestRedirect": {
                    "scheme": "https",
                    "hostname": "z",
                    "port": 8443,
                    "statusCode": 301,
                    "path": {"type": "ReplaceFullPath", "replaceFullPath": "/y"},
                },
            }
        ],
    },
    {
        "matches": [{"path": {"type": "PathPrefix", "value": "/d"}}],
        "filters": [
            {
                "type": "URLRewrite",
                "urlRewrite": {"hostname": "z", "path": {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/y"}},
            }
        ],
        "backendRefs": [{"name": "b", "port": 80}],
    },
]
ASKED = route(*RULES, parentRefs=[{"name": "web", "sectionName": "http", "port": 80}])
GATEWAY = gateway(http("a.example"))
NOT_SEEN = {
    # what has the same meaning without; the listener has one host alone
    "hostnames left out",
    "parentRefs.0.port left out",
    "parentRefs.0.sectionName left out",
    "rules.0.backendRefs.1.weight left out",
    "rules.0.matches.0.path.type left out",
    "rules.2.matches.0.path.type left out",
    # an unknown word, which the API server refuses
    "rules.0.matches.0.path.type changed",
    "rules.2.matches.0.path.type changed",
}
HTTPS = {
    "name": "s",
    "port": 443,
    "protocol": "HTTPS",
    "hostname": "a.example",
    "tls": {
        "mode": "Terminate",
        "certificateRefs": [{"name": "cert", "kind": "Secret", "group": ""}],
        "options": {"gateway.istio.io/tls-terminate-mode": "MUTUAL"},
    },
}
NOT_SEEN_OF_A_LISTENER = {
    "listeners.0.tls.certificateRefs.0.group left out",
    "listeners.0.tls.certificateRefs.0.kind left out",
    "listeners.0.tls.mode left out",
    # an unknown word, which the API server refuses
    "listeners.0.tls.mode changed",
}


@cache
def healthy() -> Mesh:
    """With what istiod makes of the manifests, by the translation itself."""
    empty = mesh(gateway_dump(virtual_host("a.example")), objects=[GATEWAY, ASKED])
    configuration = Configuration(empty)
    item = next(each for each in empty.objects if each.kind == "HTTPRoute")
    written: Written[Route] = Written(item, msgspec.json.decode(item.body, type=HTTPRoute))
    (place,) = attached(configuration.gateway_api, written)
    (client,) = configuration.clients
    at = Place("http.80", "a.example:80", "a.example", 80, place.own.value.spec.gateways[0])
    rules = tuple(rules_of(place.own.value, "shop", lambda *_: None))
    config = f"/apis/networking.istio.io/v1/namespaces/shop/virtual-service/{place.own.item.name}"
    metadata = {"filter_metadata": {"istio": {"config": config}}}
    expected = expected_routes(configuration, client, at, rules, place.own)
    routes = [{**_as_json(one.route), "metadata": metadata} for one in expected]
    return mesh(gateway_dump(virtual_host("a.example", *routes)), objects=[GATEWAY, ASKED])


def _as_json(value: Any) -> Json:
    """An Envoy message without what says nothing."""
    if isinstance(value, msgspec.Struct):
        names = zip(value.__struct_fields__, value.__struct_encode_fields__, strict=True)
        found = {encoded: _as_json(getattr(value, field)) for field, encoded in names}
        return {key: each for key, each in found.items() if each not in (None, msgspec.UNSET, "", [], {})}
    if isinstance(value, msgspec.Raw):
        return msgspec.json.decode(value) if bytes(value) else None
    if isinstance(value, dict):
        return {key: _as_json(each) for key, each in value.items()}
    return [_as_json(each) for each in value] if isinstance(value, list | tuple) else value


def states(*objects: Json, ref: str) -> set[State]:
    """Of an object among these and the healthy ones."""
    changed = {(one["kind"], one["metadata"]["name"]): one for one in objects}
    kept = [one for one in (GATEWAY, ASKED) if (one["kind"], one["metadata"]["name"]) not in changed]
    captured = [one for one in healthy().snapshot.captured if one.document.name == "gateway.json"]
    one = mesh(*captured, objects=[*kept, *changed.values()])
    configuration = Configuration(one)
    item = next(each for each in one.objects if str(each) == ref)
    return {answer.state for answer in effects(configuration, item, configuration.clients)}


def test_the_mesh_is_healthy() -> None:
    for ref in ("HTTPRoute shop/r", "Gateway shop/web"):
        assert states(ref=ref) == {State.IN_EFFECT}


def test_a_change_of_the_route_is_told_of_the_route() -> None:
    untold = set()
    for what, spec in changes(ASKED["spec"]):
        if states({**ASKED, "spec": spec}, ref="HTTPRoute shop/r") == {State.IN_EFFECT}:
            untold.add(what)
    assert untold == NOT_SEEN


@pytest.mark.parametrize(
    "what",
    [
        manifest("HTTPRoute", "other", GROUP, spec={**ASKED["spec"], "hostnames": ["b.example"]}),
        service("c"),
        gateway(http("b.example"), name="other"),
    ],
)
def test_what_is_beside_it_changes_nothing(what: Json) -> None:
    assert states(what, ref="HTTPRoute shop/r") == {State.IN_EFFECT}
    assert states(what, ref="Gateway shop/web") == {State.IN_EFFECT}


def test_a_change_of_a_listener_is_told_of_the_gateway() -> None:
    manager = {
        "@type": f"{NETWORK}.http_connection_manager.v3.HttpConnectionManager",
        "rds": {"route_config_name": "https.443.default.web~istio-autogenerated-k8s-gateway~s.shop"},
    }
    socket = tls_socket("kubernetes-gateway://shop/cert", "kubernetes-gateway://shop/cert-cacert")
    socket["typed_config"]["require_client_certificate"] = True
    chain = {"filter_chain_match": {"server_names": ["a.example"]}, "transport_socket": socket}
    proxy = gateway_dump(extra=[listener("0.0.0.0_443", manager, **chain)])
    asked = gateway(HTTPS)
    untold = set()
    for what, spec in [("nothing", asked["spec"]), *changes(asked["spec"])]:
        one = mesh(proxy, objects=[{**asked, "spec": spec}])
        if {answer.state for answer in judged(one, "Gateway shop/web")} == {State.IN_EFFECT}:
            untold.add(what)
    assert untold == {"nothing", *NOT_SEEN_OF_A_LISTENER}
