from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.istio.manifest import read_objects
from meshscope.istio.provenance import ObjectRef
from meshscope.location import Document

from .documents import LINES, document


def objects_of(text: str) -> list[str]:
    found, problems = read_objects(Document.of("text", text.encode()))
    assert problems == ()
    return [str(object_) for object_ in found]


def problems_of(text: str) -> list[str]:
    return [problem.message for problem in read_objects(Document.of("text", text.encode()))[1]]


SERVICE = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a", "namespace": "shop"}}
SIDECAR = {"apiVersion": "networking.istio.io/v1", "kind": "Sidecar", "metadata": {"name": "b"}}


@pytest.mark.parametrize("file", ["istio.yaml", "kubernetes.yaml", "mesh-config.yaml"])
def test_every_object_of_recorded_manifests_is_read_and_leads_to_its_line(file: str) -> None:
    text = document("manifests", file)
    found, problems = read_objects(text)
    assert problems == ()
    lines = text.body.decode().splitlines()
    assert len(found) == sum(line.startswith("kind:") for line in lines)
    for object_ in found:
        place = (object_.location / "kind").place()
        assert place.line
        assert lines[place.line - 1] == f"kind: {object_.kind}"


@pytest.mark.parametrize("line", LINES)
def test_what_istiod_accepted_is_read_alike_in_every_release(line: str) -> None:
    found, problems = read_objects(document(line, "configz.json"))
    assert problems == ()
    refs = [object_.ref for object_ in found if object_.kind != "GatewayClass"]
    assert sorted(refs) == [
        ObjectRef("networking.istio.io", "DestinationRule", "default", "nginx-destination-rule"),
        ObjectRef("networking.istio.io", "Gateway", "default", "website-gateway"),
        ObjectRef("networking.istio.io", "VirtualService", "default", "nginx-virtual-service"),
    ]
    assert all(object_.created_at.startswith("2026-11-2") for object_ in found)


def test_the_form_of_old_pilots_gets_kubernetes_spelling_and_keeps_its_place() -> None:
    text = document("1.4", "configz.json")
    service = next(object_ for object_ in read_objects(text)[0] if object_.kind == "VirtualService")
    body = msgspec.json.decode(service.body)
    assert body["apiVersion"] == "networking.istio.io/v1alpha3"
    assert body["metadata"]["name"] == "nginx-virtual-service"
    assert body["spec"]["gateways"] == ["website-gateway"]
    line = (service.location / "name").place().line
    assert line
    assert '"name": "nginx-virtual-service"' in text.body.decode().splitlines()[line - 1]


def test_pilots_form_with_a_type_of_three_parts_is_read_too() -> None:
    kind = {"group": "security.istio.io", "version": "v1", "kind": "PeerAuthentication"}
    text = json.dumps([{"type": kind, "name": "default", "namespace": "shop", "labels": {"a": "b"}, "Spec": {}}, {}])
    assert objects_of(text) == ["PeerAuthentication shop/default"]


def test_lists_and_typed_lists_are_opened() -> None:
    bare = {"metadata": {"name": "c", "namespace": "shop"}}
    pods = {"apiVersion": "v1", "kind": "PodList", "items": [bare]}
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": [SERVICE, pods, SIDECAR]})
    found, problems = read_objects(Document.of("text", text.encode()))
    assert problems == ()
    assert [(str(object_), object_.location.path) for object_ in found] == [
        ("Service shop/a", ("items", 0)),
        ("Pod shop/c", ("items", 1, "items", 0)),
        ("Sidecar b", ("items", 2)),
    ]
    assert (found[1].group, found[1].version) == ("", "v1")


def test_a_kind_that_ends_in_list_without_items_is_an_object() -> None:
    text = json.dumps({"apiVersion": "example.com/v1", "kind": "AllowList", "metadata": {"name": "a"}, "spec": {}})
    assert objects_of(text) == ["AllowList a"]


def test_several_json_values_in_a_row_are_several_documents() -> None:
    text = f"{json.dumps(SERVICE)}\n{json.dumps(SIDECAR, indent=1)}\n"
    found, _ = read_objects(Document.of("text", text.encode()))
    assert [(str(object_), (object_.location / "kind").place().line) for object_ in found] == [
        ("Service shop/a", 1),
        ("Sidecar b", 4),
    ]


def test_labels_are_sorted_text_whatever_yaml_made_of_them() -> None:
    text = "kind: Pod\napiVersion: v1\nmetadata: {name: a, labels: {version: 1, app: x, empty: }, annotations: }\n"
    (pod,), _ = read_objects(Document.of("text", text.encode()))
    assert pod.labels == (("app", "x"), ("empty", ""), ("version", "1"))
    assert pod.annotations == ()


def test_what_is_no_object_is_a_problem_beside_the_rest() -> None:
    text = json.dumps({"kind": "List", "apiVersion": "v1", "items": [1, SERVICE, {"a": 1}, [], "x", SIDECAR]})
    found, problems = read_objects(Document.of("text", text.encode()))
    assert [str(object_) for object_ in found] == ["Service shop/a", "Sidecar b"]
    assert [problem.message.partition(":")[0] for problem in problems] == ["items[0]", "items[2]", "items[4]"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("kind: Pod\nmetadata: {name: a}\n", "Pod without apiVersion"),
        ("kind: Pod\napiVersion: v1\n", "Pod without metadata.name"),
        ("a: 1\n", "not a Kubernetes object: it has no kind"),
        ("", "empty"),
        ('"just text"', "Expected `object`, got `str`"),
        ("kind: Pod\napiVersion: v1\nmetadata: {name: [a]}\n", "Expected `str`, got `array` - at `$.metadata.name`"),
    ],
)
def test_a_text_without_a_whole_object_says_why(text: str, problem: str) -> None:
    assert problems_of(text) == [problem]


def test_broken_json_is_one_problem() -> None:
    (problem,) = problems_of(json.dumps(SERVICE)[:-5])
    assert "truncated" in problem


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["kind", "items", "metadata", "type", "Spec"]), inner)
    ),
)


@given(json_values)
def test_any_json_at_all_is_objects_and_problems_whose_places_exist(anything: object) -> None:
    text = Document.of("text", json.dumps([anything, SERVICE]).encode())
    found, _ = read_objects(text)
    assert str(found[-1]) == "Service shop/a"
    for object_ in found:
        assert object_.location.place().line == 1
