from __future__ import annotations

import json

import pytest

from meshscope.envoy.reading import read_dump
from meshscope.envoy.recognise import CONFIG_DUMP, XDS, recognise
from meshscope.envoy.resource import CLUSTER, LISTENER
from meshscope.envoy.shapes import SHAPES, Proof, Shape, kind_by_shape
from meshscope.location import Document
from meshscope.snapshot.json_text import values_of


def body(shape: Shape) -> dict[str, object]:
    return {field: "x" if field.endswith("name") else {} for field in sorted(shape.fields)}


@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_recognised_by_its_shape_is_read_as_that_kind(shape: Shape) -> None:
    document = Document.of("d", json.dumps([body(shape)]).encode())
    (value,) = values_of(document)
    is_listener = shape == Shape(LISTENER, Proof.HINT, frozenset({"name", "address"}))
    assert (recognise(value) == CONFIG_DUMP) == (shape.proof >= Proof.ITEM or is_listener)
    (alone,) = values_of(Document.of("d", json.dumps(body(shape)).encode()))
    assert (recognise(alone) == XDS) == (shape.proof == Proof.ALONE)
    dump = read_dump(document, value)
    assert [(resource.kind, resource.name) for resource in dump.resources] == [
        (shape.kind, "x" if {"name", "cluster_name"} & shape.fields else "")
    ]
    assert dump.problems == ()


def test_the_most_telling_fields_win_and_a_name_alone_proves_nothing() -> None:
    assert kind_by_shape({"name", "address", "filter_chains"}) == LISTENER
    assert kind_by_shape({"name", "type", "transport_socket"}, Proof.ITEM) == CLUSTER
    assert kind_by_shape({"name", "type"}, Proof.ITEM) == kind_by_shape({"name"}) == kind_by_shape({"address"}) == ""
