from __future__ import annotations

import pytest

from meshscope.istio.kinds.resources import RESOURCE_KINDS, kind_of
from meshscope.istio.provenance import ObjectRef, camel_kind, parse_config_path

from .documents import names


@pytest.mark.parametrize("path", names("config_paths.txt"))
def test_every_recorded_path_names_an_object_of_a_known_kind(path: str) -> None:
    found = parse_config_path(path)
    assert found
    assert kind_of(found.group, found.kind)
    assert path.endswith(f"/{found.name}")


def test_the_path_names_group_kind_namespace_and_name() -> None:
    found = parse_config_path("/apis/networking.istio.io/v1/namespaces/default/virtual-service/reviews")
    assert found == ObjectRef("networking.istio.io", "VirtualService", "default", "reviews")
    assert str(found) == "VirtualService default/reviews"


def test_the_version_is_no_part_of_the_identity() -> None:
    old, new = (f"/apis/networking.istio.io/{v}/namespaces/a/gateway/b" for v in ("v1alpha3", "v1"))
    assert parse_config_path(old) == parse_config_path(new)


def test_a_cluster_scoped_object_is_shown_without_a_namespace() -> None:
    assert str(ObjectRef("gateway.networking.k8s.io", "GatewayClass", "", "istio")) == "GatewayClass istio"


@pytest.mark.parametrize(
    "path",
    ["", "reviews", "/apis/a/v1/virtual-service/b", "/apis/a/v1/namespaces/b/c", "/apis/a/v1/namespaces/b/c/d/e"],
)
def test_other_texts_name_no_object(path: str) -> None:
    assert parse_config_path(path) is None


@pytest.mark.parametrize(
    ("kebab", "kind"),
    [
        ("virtual-service", "VirtualService"),
        ("envoy-filter", "EnvoyFilter"),
        ("http-route", "HTTPRoute"),
        ("grpc-route", "GRPCRoute"),
        ("backend-tls-policy", "BackendTLSPolicy"),
        ("cluster-rbac-config", "ClusterRbacConfig"),
        ("mesh-policy", "MeshPolicy"),
    ],
)
def test_a_kebab_word_is_the_kind(kebab: str, kind: str) -> None:
    assert camel_kind(kebab) == kind
    assert kind in {entry.kind for entry in RESOURCE_KINDS}
