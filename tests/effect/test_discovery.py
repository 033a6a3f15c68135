"""Namespaces that `discoverySelectors` leave out: their Services and, since 1.22, their Istio objects are not there."""

from __future__ import annotations

import json

import pytest

from meshscope.effect.answer import RuleEffect, State
from meshscope.effect.configuration import Configuration
from meshscope.effect.effects import effects
from meshscope.mesh.mesh import Mesh

from ..mesh.meshes import captured, manifest, mesh_of
from .gateway_api.small_mesh import sidecar_dump
from .recorded import Json

SEEN = [{"matchLabels": {"istio": "on"}}]


def mesh(selectors: Json, *objects: Json, root: str = "istio-system") -> Mesh:
    config = {"discoverySelectors": selectors, "rootNamespace": root}
    settings = manifest("ConfigMap", "istio", namespace="istio-system", data={"mesh": json.dumps(config)})
    namespaces = [
        manifest("Namespace", "shop", namespace="", metadata={"labels": {"istio": "on"}}),
        manifest("Namespace", "dark", namespace=""),
        manifest("Service", "a", namespace="dark", spec={"ports": [{"port": 80, "name": "http"}]}),
        manifest("Service", "b", namespace="nowhere", spec={"ports": [{"port": 80, "name": "http"}]}),
    ]
    items = [settings, *namespaces, *objects]
    return mesh_of(sidecar_dump(), captured("o.json", {"apiVersion": "v1", "kind": "List", "items": items}))


@pytest.mark.parametrize(
    ("selectors", "hidden"),
    [
        ([], []),
        (SEEN, ["dark"]),
        ([*SEEN, {"matchLabels": {"kubernetes.io/metadata.name": "dark"}}], []),
        ([{"matchExpressions": [{"key": "istio", "operator": "DoesNotExist"}]}], ["shop"]),
        ([{}], []),
    ],
)
def test_a_namespace_is_hidden_that_no_selector_selects(selectors: Json, hidden: list[str]) -> None:
    configuration = Configuration(mesh(selectors))
    assert [name for name in ("shop", "dark", "nowhere") if configuration.hides(name)] == hidden
    known = {service.namespace for service in configuration.services.all}
    assert ("dark" in known) == ("dark" not in hidden)
    assert "nowhere" in known, "its labels are not in the input"


def test_the_root_namespace_is_never_called_hidden() -> None:
    assert not Configuration(mesh(SEEN, root="dark")).hides("dark")


def test_an_object_of_a_hidden_namespace_is_not_in_effect() -> None:
    def answer(selectors: Json) -> RuleEffect:
        spec = {"host": "a.dark.svc.cluster.local", "trafficPolicy": {"tls": {"mode": "DISABLE"}}}
        rule = manifest("DestinationRule", "r", "networking.istio.io", "dark", spec=spec)
        configuration = Configuration(mesh(selectors, rule))
        item = next(each for each in configuration.mesh.objects if each.kind == "DestinationRule")
        (found,) = effects(configuration, item, configuration.clients)
        return found

    lost = answer(SEEN)
    assert (lost.state, lost.because) == (
        State.NOT_IN_EFFECT,
        "istiod does not look into namespace dark: discoverySelectors do not select it",
    )
    assert "discoverySelectors" not in answer([]).because
