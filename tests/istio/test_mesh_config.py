from __future__ import annotations

import json

import pytest
from msgspec import Raw

from meshscope.istio.manifest import Object, read_objects
from meshscope.istio.mesh_config import MeshConfig, mesh_config_of, read_debug_mesh, read_mesh_config
from meshscope.location import Document
from meshscope.snapshot.snapshot import Problem

from .documents import document, value


def config_map(**data: str) -> Object:
    metadata = {"name": "istio", "namespace": "istio-system"}
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}
    (object_,), _ = read_objects(Document.of("text", json.dumps(body).encode()))
    return object_


@pytest.mark.parametrize("line", ["1.14", "1.32"])
def test_the_answer_of_istiod_is_read(line: str) -> None:
    found = read_mesh_config(value(line, "mesh.json"), "mesh")
    assert isinstance(found, MeshConfig)
    assert (found.trust_domain, found.root_namespace) == ("cluster.local", "istio-system")
    assert found.outbound_traffic_policy.mode == "ALLOW_ANY"
    assert [provider.name for provider in found.extension_providers] == ["prometheus", "stackdriver", "envoy"]


@pytest.mark.parametrize(("policy", "mode"), [({}, "REGISTRY_ONLY"), ({"mode": "ALLOW_ANY"}, "ALLOW_ANY")])
def test_istiod_leaves_out_the_mode_registry_only(policy: dict[str, str], mode: str) -> None:
    body = Raw(json.dumps({"outboundTrafficPolicy": policy}).encode())
    of_istiod, of_file = read_debug_mesh(body, "mesh"), read_mesh_config(body, "mesh")
    assert isinstance(of_istiod, MeshConfig)
    assert isinstance(of_file, MeshConfig)
    assert of_istiod.outbound_traffic_policy.mode == mode
    assert of_file.outbound_traffic_policy.mode == policy.get("mode", "")


def test_the_recorded_config_map_holds_a_mesh_config() -> None:
    (object_,), _ = read_objects(document("manifests", "mesh-config.yaml"))
    found = mesh_config_of(object_)
    assert isinstance(found, MeshConfig)
    assert found.access_log_encoding == "JSON"


def test_what_is_not_said_has_the_default() -> None:
    found = mesh_config_of(config_map(mesh="trustDomain: example.com\nenableAutoMtls: false\n"))
    assert isinstance(found, MeshConfig)
    assert (found.trust_domain, found.root_namespace, found.enable_auto_mtls) == ("example.com", "istio-system", False)
    assert found.default_service_export_to == ("*",)


def test_a_config_map_without_a_mesh_config_holds_none() -> None:
    assert mesh_config_of(config_map(values="{}")) is None
    assert mesh_config_of(config_map(mesh="  ")) == MeshConfig()
    assert mesh_config_of(config_map(mesh="# nothing\n")) == MeshConfig()


def test_a_broken_mesh_config_is_a_problem_that_names_the_config_map() -> None:
    found = mesh_config_of(config_map(mesh="a: [1"))
    assert isinstance(found, Problem)
    assert found.document == "text (ConfigMap istio-system/istio data.mesh)"


def test_a_field_of_the_wrong_type_is_a_problem() -> None:
    assert isinstance(read_mesh_config(Raw(b'{"trustDomain": []}'), "mesh"), Problem)
