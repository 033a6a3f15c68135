"""The types of the Gateway API's kinds have the fields of the kinds' shapes, and keep what a text says."""

from __future__ import annotations

from importlib import import_module

import pytest
from msgspec import Struct

from meshscope.istio.gateway_api.http_route import HTTPRoute
from meshscope.istio.kubernetes import decode

from .shapes import VARIANTS, carried, complete, differences, is_kept, object_of, rule_of

UNTYPED = "XMesh"
"""A kind whose fields are known, but which nothing reads."""
KINDS = [kind for kind in (*carried("gateway_api.json"), *carried("neighbours.json")) if not kind.endswith(UNTYPED)]
MODULES = {"HTTPRoute": "http_route", "GRPCRoute": "grpc_route", "TLSRoute": "tls_route", "TCPRoute": "tcp_route",
           "UDPRoute": "udp_route", "Gateway": "gateway", "GatewayClass": "gateway_class", "ListenerSet": "listener_set",
           "ReferenceGrant": "reference_grant", "BackendTLSPolicy": "backend_tls_policy", "XBackend": "x_backend",
           "XBackendTrafficPolicy": "x_backend_traffic_policy", "InferencePool": "inference_pool",
           "ServiceImport": "service_import"}  # fmt: skip


def type_of(kind: str) -> type[Struct]:
    word = kind.rpartition("/")[2]
    found: type[Struct] = getattr(import_module(f"meshscope.istio.gateway_api.{MODULES[word]}"), word)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_a_type_has_the_fields_of_its_shape_and_no_other(kind: str) -> None:
    assert list(differences(rule_of(kind), type_of(kind), "")) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_complete_object_is_kept_whole(kind: str) -> None:
    for variant in range(VARIANTS):
        body = complete(rule_of(kind), variant)
        assert is_kept(body, decode(object_of(kind, **body), type_of(kind)))


def test_what_the_api_server_adds_is_there() -> None:
    route = decode(object_of("gateway.networking.k8s.io/v1/HTTPRoute", spec={"rules": [{"matches": [{}]}]}), HTTPRoute)
    assert isinstance(route, HTTPRoute)
    (match,) = route.spec.rules[0].matches
    assert (match.path.type, match.path.value) == ("PathPrefix", "/")
    assert len(HTTPRoute().spec.rules) == 1
