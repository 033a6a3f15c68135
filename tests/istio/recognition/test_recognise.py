from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec import Raw

from meshscope.istio.raw_json import items_of, members_of
from meshscope.istio.recognition.array_rules import ARRAY_RULES
from meshscope.istio.recognition.object_rules import OBJECT_RULES
from meshscope.istio.recognition.recognise import recognise, recognise_text
from meshscope.snapshot.json_text import values_of

from ..documents import DATA, LINES, document, value

ANSWERS = [path for line in LINES for path in sorted((DATA / line).glob("*.json"))]


def says_nothing(path: Path) -> bool:
    return path.read_bytes().strip() in (b"{}", b"[]", b"null")


@pytest.mark.parametrize("path", ANSWERS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_recorded_answer_is_recognised_by_its_content(path: Path) -> None:
    found = {recognise(raw) for raw in values_of(document(path.parent.name, path.name))}
    endpoint = "endpointShardz" if (path.parent.name, path.stem) == ("1.32", "endpointz") else path.stem
    assert found <= ({""} if says_nothing(path) else {f"debug/{endpoint}"})
    assert found or says_nothing(path)


@pytest.mark.parametrize("path", ANSWERS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_no_two_rules_claim_the_same_document(path: Path) -> None:
    for raw in values_of(document(path.parent.name, path.name)):
        members = members_of(raw)
        assert sum(rule(members) for rule in OBJECT_RULES.values()) <= 1
        for item in items_of(raw)[:3]:
            assert sum(rule(members_of(item)) for rule in ARRAY_RULES.values() if members_of(item)) <= 1


@pytest.mark.parametrize("file", ["istio.yaml", "kubernetes.yaml", "mesh-config.yaml"])
def test_manifests_are_manifests(file: str) -> None:
    assert {recognise(raw) for raw in values_of(document("manifests", file))} == {"manifests"}


def test_a_ztunnel_dump_is_one_in_both_forms() -> None:
    assert recognise(value("ztunnel", "config_dump.json")) == "ztunnel"
    old: dict[str, object] = {"workloads": {}, "services": {}, "policies": [], "certificates": []}
    assert recognise(Raw(json.dumps(old).encode())) == "ztunnel"


@pytest.mark.parametrize("path", sorted((DATA / "not_istio").glob("*.json")), ids=lambda path: path.stem)
def test_envoys_documents_are_nobodys_here(path: Path) -> None:
    assert recognise(value("not_istio", path.name)) == ""


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ({"apiVersion": "v1", "kind": "List", "items": []}, "manifests"),
        ([{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}], "debug/configz"),
        ([{"type": {"kind": "Sidecar"}, "name": "a", "Spec": {}}], "debug/configz"),
        ({"trustDomain": "example.com"}, "mesh_config"),
        ({"accessLogFile": "/dev/stdout", "defaultConfig": {}, "meshMTLS": {}}, "mesh_config"),
        ([{"id": "east", "secretName": "", "syncStatus": "synced"}], "debug/clusterz"),
        ([{"Network": "east", "Cluster": "a", "Addr": "192.0.2.1", "Port": 15443}], "debug/networkz"),
        ([{"Cluster": "a", "Name": "b", "Namespace": "c", "Exported": True, "Imported": False}], "debug/mcsz"),
        ([{"uid": "1", "name": "Services", "state": {"outputs": {}}}], "debug/krtz"),
        (["/debug/adsz", "/debug/syncz"], "debug/list"),
        ({"sidecar": "spec:\n  containers:\n  {{- range .Values }}"}, "debug/inject"),
        ({"totalClients": 0}, "debug/connections"),
        ({"type.googleapis.com/envoy.config.cluster.v3.Cluster": "1.2MB", "total": "3MB"}, "debug/cachez"),
        ({"pilot_no_ip": {}}, "debug/push_status"),
        ([{}, {"proxy": "a.b", "istio_version": "1.4.6"}], "debug/syncz"),
    ],
)
def test_documents_that_were_not_recorded_are_recognised_too(content: object, word: str) -> None:
    assert recognise(Raw(json.dumps(content).encode())) == word


@pytest.mark.parametrize(
    "content",
    [
        {},
        [],
        None,
        [[]],
        [{}],
        "text",
        7,
        {"certificates": []},
        {"trustDomain": "example.com", "other": 1},
        {"kind": "Pod"},
        {"configs": [{"@type": "x"}]},
        {"static_resources": {}},
        [{"name": "a"}],
        ["a", "b"],
        {"a": {"b": {"c": 1}}},
        {"a": "b"},
    ],
)
def test_what_says_too_little_is_not_recognised(content: object) -> None:
    assert recognise(Raw(json.dumps(content).encode())) == ""


def test_old_pilots_templates_are_recognised_even_where_they_are_no_json() -> None:
    body = document("1.4", "adsz.json").body
    assert recognise_text(body) == "debug/adsz"
    assert recognise_text(body.replace(b'"listeners":[', b'"listeners":[}')) == "debug/adsz"
    assert recognise_text(document("1.4", "cdsz.json").body) == "debug/cdsz"
    assert recognise_text(document("1.4", "syncz.json").body) == ""


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"1.32-alpha.86c9f01f-86c9f01f-Clean\n", "version"),
        (b"unknown-unknown-unknown", "version"),
        (b"1.14.3-abc123-Modified", "version"),
        (b"no such proxy: reviews-unknown", ""),
        (b"1.14.3", ""),
    ],
)
def test_istiods_version_is_a_text_of_one_line(body: bytes, kind: str) -> None:
    assert recognise_text(body) == kind


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ('{"binds": [], "workloads": [], "services": [], "config": {}}', "agentgateway"),
        ('{"workloads": [], "services": [], "config": {}}', "ztunnel"),
        ('{"binds": []}', ""),
    ],
)
def test_an_agentgateways_dump_is_no_ztunnels(body: str, kind: str) -> None:
    assert recognise(Raw(body.encode())) == kind
