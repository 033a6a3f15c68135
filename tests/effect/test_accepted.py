"""An object that istiod has in another version is told as such, with what differs."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from msgspec import Raw
from msgspec.structs import replace

from meshscope.effect.accepted import other_version
from meshscope.effect.answer import State
from meshscope.effect.configuration import Configuration
from meshscope.istio.kubernetes import decode
from meshscope.istio.objects.destination_rule import DestinationRule
from meshscope.istio.objects.virtual_service import VirtualService
from meshscope.snapshot.snapshot import Captured

from ..mesh.meshes import captured, mesh_of
from . import recorded

SPEC = {"hosts": ["reviews"], "http": [{"timeout": "500ms", "route": [{"destination": {"host": "reviews"}}]}]}


def written(spec: Any, **metadata: Any) -> dict[str, Any]:
    head = {"name": "reviews", "namespace": "default", **metadata}
    return {"apiVersion": "networking.istio.io/v1", "kind": "VirtualService", "metadata": head, "spec": spec}


def manifest(value: Any) -> Captured:
    return captured("manifest.json", value, kind="manifests")


TYPES: dict[str, type[Any]] = {"VirtualService": VirtualService, "DestinationRule": DestinationRule}


def told(mine: dict[str, Any], theirs: dict[str, Any]) -> str:
    mesh = mesh_of(manifest(mine), captured("configz.json", [theirs], kind="debug/configz"))
    item = next(iter(mesh.objects))
    value = decode(item, VirtualService)
    assert isinstance(value, VirtualService)
    return other_version(Configuration(mesh).ages, item, value)


@pytest.mark.parametrize(
    ("mine", "theirs", "words"),
    [
        ({"generation": 5}, {"generation": 3}, "istiod has an older version of it: generation 3, this is 5"),
        ({"generation": 3}, {"generation": 5}, "istiod has a newer version of it: generation 5, this is 3"),
        ({"generation": 3, "resourceVersion": "9"}, {"generation": 3, "resourceVersion": "7"}, ""),
        ({"resourceVersion": "9"}, {"resourceVersion": "9"}, ""),
        ({}, {}, ""),
    ],
)
def test_generations_tell_which_one_is_newer(mine: dict[str, Any], theirs: dict[str, Any], words: str) -> None:
    assert told(written(SPEC, **mine), written(SPEC, **theirs)) == words


def test_specs_tell_what_is_different() -> None:
    other = {"hosts": ["reviews"], "http": [{"timeout": "2s", "route": [{"destination": {"host": "reviews"}}]}]}
    found = told(written(SPEC, resourceVersion="9"), written(other, resourceVersion="7"))
    assert found == "istiod has it differently: spec.http[0].timeout is 2s there, 500ms here"


def test_another_spelling_is_the_same_version() -> None:
    rule = {"timeout": "0.500s", "name": "", "route": [{"destination": {"host": "reviews"}}]}
    other = {"hosts": ["reviews"], "gateways": [], "http": [rule]}
    assert told(written(SPEC), written(other)) == ""


@pytest.mark.parametrize("name", ["gateways", "services", "security"])
def test_a_recorded_istiod_has_what_is_written(name: str) -> None:
    mesh = recorded.mesh(name)
    configuration = Configuration(mesh)
    for item in mesh.objects:
        if item.kind in TYPES and item.group == "networking.istio.io":
            value = decode(item, TYPES[item.kind])
            assert other_version(configuration.ages, item, value) == "", item


def test_it_is_the_losing_step_of_what_a_proxy_lacks() -> None:
    def slower(body: Any) -> None:
        body["spec"]["http"][0]["timeout"] = "7.25s"

    mesh = recorded.rewritten(recorded.mesh("services"), "VirtualService default/app", slower)
    found = recorded.of(mesh, "VirtualService default/app")
    late = [one for one in found if one.state is State.PARTLY]
    assert late
    assert all("; istiod has it differently: spec.http[0].timeout is " in one.because for one in late)


def test_what_is_in_effect_needs_no_other_version() -> None:
    mesh = recorded.mesh("services")
    old = recorded.item(mesh, "VirtualService default/app")
    body = msgspec.json.decode(old.body)
    body["metadata"]["generation"] = 4
    found = recorded.of(mesh.overlay([replace(old, body=Raw(msgspec.json.encode(body)))]), str(old))
    assert [one.state for one in found] == [one.state for one in recorded.recorded("services")[str(old)]]
    assert not any("istiod has" in one.because for one in found)
