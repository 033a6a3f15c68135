"""The types of Istio's kinds have the fields of the kinds' shapes, all of them and no other, and keep what a text says."""

from __future__ import annotations

import ast
import inspect
from importlib import import_module
from typing import Any

import pytest
from msgspec import Struct

from meshscope.istio.kubernetes import decode
from meshscope.istio.objects.authorization_policy import AuthorizationPolicy
from meshscope.istio.objects.envoy_filter import EnvoyFilter
from meshscope.istio.objects.http_route import StringMatch
from meshscope.istio.objects.virtual_service import VirtualService

from .shapes import VARIANTS, carried, complete, differences, is_kept, object_of, rule_of

KINDS = carried("istio.json")
BESIDE_THE_SHAPE = {
    "status.addresses is of ServiceEntryStatus alone": "the CRD keeps it, with all of `status`, without a shape",
}
"""Differences between a shape and its type, and why."""


def type_of(kind: str) -> type[Struct]:
    word = kind.rpartition("/")[2]
    module = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in word).lstrip("_")
    found: type[Struct] = getattr(import_module(f"meshscope.istio.objects.{module}"), word)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_a_type_has_the_fields_of_its_shape_and_no_other(kind: str) -> None:
    found = {one.partition(".")[2] for one in differences(rule_of(kind), type_of(kind), "")}
    assert found <= BESIDE_THE_SHAPE.keys()


def test_each_difference_in_the_table_is_one() -> None:
    found = {one.partition(".")[2] for kind in KINDS for one in differences(rule_of(kind), type_of(kind), "")}
    assert found == BESIDE_THE_SHAPE.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_a_complete_object_is_kept_whole(kind: str) -> None:
    for variant in range(VARIANTS):
        body = complete(rule_of(kind), variant)
        assert is_kept(body, decode(object_of(kind, **body), type_of(kind)))


def virtual_service(route: dict[str, Any]) -> VirtualService:
    found = decode(object_of("networking.istio.io/v1/VirtualService", spec={"http": [route]}), VirtualService)
    assert isinstance(found, VirtualService)
    return found


def test_absent_is_not_empty() -> None:
    (route,) = virtual_service({"match": [{"uri": {}}], "route": [{"weight": 0}, {}], "retries": {}}).spec.http
    assert route.match[0].uri == StringMatch() != StringMatch(exact="")
    assert (route.match[0].method, route.retries is None, route.rewrite) == (None, False, None)
    assert [one.weight for one in route.route] == [0, None]


def test_an_absent_enum_is_what_istio_reads_then() -> None:
    item = object_of("security.istio.io/v1/AuthorizationPolicy", spec={})
    found = decode(item, AuthorizationPolicy)
    assert isinstance(found, AuthorizationPolicy)
    assert found.spec.action == "ALLOW"


def test_a_patch_stays_as_it_is_written() -> None:
    patches = [{"applyTo": "CLUSTER", "patch": {"operation": "MERGE", "value": {"lb_policy": "RANDOM"}}}, {"patch": {}}]
    found = decode(object_of("networking.istio.io/v1alpha3/EnvoyFilter", spec={"configPatches": patches}), EnvoyFilter)
    assert isinstance(found, EnvoyFilter)
    values = [one.patch.value for one in found.spec.config_patches if one.patch]
    assert [bytes(value) for value in values] == [b'{"lb_policy": "RANDOM"}', b""]


def test_no_kind_imports_another_one() -> None:
    modules = {type_of(kind).__module__ for kind in KINDS}
    for module in modules:
        imports = [
            node
            for node in ast.walk(ast.parse(inspect.getsource(import_module(module))))
            if isinstance(node, ast.ImportFrom)
        ]
        assert not {node.module for node in imports} & modules
