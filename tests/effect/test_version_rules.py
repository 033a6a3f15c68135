"""Rules that came with patches: the same manifests and proxies under control planes of two patches."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from meshscope.effect.answer import RuleEffect, State
from meshscope.effect.configuration import Configuration
from meshscope.effect.effects import effects
from meshscope.istio.manifest import read_objects
from meshscope.location import Document
from meshscope.mesh.mesh import Mesh

from . import recorded

REGEX = """apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: new, namespace: default}
spec:
  hosts: [frontend]
  http:
  - {match: [{uri: {regex: ".*"}}], route: [{destination: {host: frontend}}]}
  - {route: [{destination: {host: frontend}}]}
"""
WILDCARD = """apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: new, namespace: default}
spec: {hosts: ["*.nowhere.example"], http: [{route: [{destination: {host: frontend}}]}]}
"""
EXPORTED = """apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: new, namespace: default}
spec: {host: frontend, exportTo: [".", shop], trafficPolicy: {loadBalancer: {simple: RANDOM}}}
"""


COMMIT = "86c9f01fd735fb01d8192f5bcaf0d424afb7f14c"


def under(version: str, name: str = "gateways") -> Mesh:
    """The recorded mesh, as if its control plane were of another version, and of unknown objects."""
    snapshot = recorded.without_configz(name).snapshot
    captured = tuple(
        replace(one, document=Document.of(one.document.name, f"{version}-{COMMIT}-Clean".encode()))
        if one.document.name.endswith("/version")
        else one
        for one in snapshot.captured
    )
    return Mesh(replace(snapshot, captured=captured))


def judged(version: str, text: str, proxy: str) -> tuple[RuleEffect, ...]:
    (item,) = read_objects(Document.of("new.yaml", text.encode()))[0]
    configuration = Configuration(under(version).overlay([item]))
    clients = [client for client in configuration.clients if client.name.startswith(proxy)]
    return effects(configuration, item, clients, named=True)


@pytest.mark.parametrize(
    ("version", "ends"), [("1.19.7", False), ("1.19.8", True), ("1.20.3", False), ("1.21.0", True)]
)
def test_a_regular_expression_for_all_ends_the_list(version: str, *, ends: bool) -> None:
    last = judged(version, REGEX, "raw")[-1]
    assert ("before it takes every request" in last.because) is ends


@pytest.mark.parametrize(
    ("version", "kept"), [("1.19.7", False), ("1.19.8", True), ("1.18.9", False), ("1.31.0", True)]
)
def test_wildcards_of_no_service_are_dropped_in_older_patches(version: str, *, kept: bool) -> None:
    (found,) = judged(version, WILDCARD, "raw")
    assert found.state is State.NOT_IN_EFFECT
    assert ("drops such wildcards" in found.because) is not kept


@pytest.mark.parametrize(("version", "reaches"), [("1.20.9", False), ("1.21.0", True)])
def test_a_rule_for_its_own_namespace_and_others(version: str, *, reaches: bool) -> None:
    (found,) = judged(version, EXPORTED, "cart")
    assert ("it is exported to ., not to namespace shop" in found.because) is not reaches


@pytest.mark.parametrize(
    ("version", "places"), [("1.30.2", (".",)), ("1.30.3", (".", "shop")), ("1.31.0", (".", "shop"))]
)
def test_a_default_of_several_places(version: str, places: tuple[str, ...]) -> None:
    configuration = Configuration(under(version))
    settings = replace(configuration.settings, default_service_export_to=(".", "shop"))
    configuration.__dict__["captured_settings"] = settings
    assert configuration.service_export_to == places
