"""What is broken costs itself alone, and whatever is read has its place in the user's text."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Raw

from meshscope.envoy.reading import read_dump
from meshscope.envoy.resource import CLUSTER, LISTENER
from meshscope.location import Document
from meshscope.snapshot.json_text import GarbledError, values_of
from meshscope.xds.cluster import Cluster
from meshscope.xds.listener import Listener
from meshscope.xds.message import Undecodable

from .pieces import ADMIN, DUMPS, dump_of, recorded, section


def test_a_broken_entry_costs_itself_alone_and_is_named() -> None:
    part = section("sidecar.json", "Clusters")
    whole = len(part["static_clusters"]) + len(part["dynamic_active_clusters"])
    part["dynamic_active_clusters"][0]["last_updated"] = 3
    part["static_clusters"][1] = "nothing"
    dump = dump_of({"configs": [section("sidecar.json", "Bootstrap"), part, {"@type": ADMIN + "Listeners"}, 7]})
    assert len(dump.of_kind(CLUSTER)) == whole - 2
    places = [problem.message.partition(":")[0] for problem in dump.problems]
    assert {"configs[1].dynamic_active_clusters[0]", "configs[1].static_clusters[1]", "configs[2]"} < set(places)
    assert dump.node


@pytest.mark.parametrize("wrong", [{"a": 1}, "text", 3, True])
def test_a_section_whose_array_is_none_costs_itself_alone(wrong: object) -> None:
    part = {"@type": ADMIN + "ClustersConfigDump", "static_clusters": wrong}
    dump = dump_of({"configs": [part, section("sidecar.json", "Listeners")]})
    assert len(dump.of_kind(LISTENER)) == 5
    assert [problem.message.partition(":")[0] for problem in dump.problems] == ["configs[0].static_clusters"]


def test_a_body_that_is_no_message_is_listed_and_says_so_when_it_is_read() -> None:
    dump = dump_of({"configs": [{"static_clusters": [{"cluster": "no"}, {"cluster": {"name": "a"}}]}]})
    assert [resource.name for resource in dump.resources] == ["", "a"]
    assert isinstance(dump.resources[0].read(Cluster), Undecodable)
    assert isinstance(dump.resources[1].read(Cluster), Cluster)


@pytest.mark.parametrize("file", ["sidecar.json", "sidecar_istiod.json", "gateway_1.4.json", "sidecar_1.4.json"])
def test_every_location_leads_to_the_line_that_holds_the_resource(file: str) -> None:
    dump = dump_of(recorded(file))
    lines = dump.document.body.decode().split("\n")
    for resource in dump.resources:
        place = resource.location.place()
        assert place.line
        assert place.column
        rest = "\n".join([lines[place.line - 1][place.column - 1 :], *lines[place.line :]])
        assert rest.startswith("{")
        assert json.loads(bytes(resource.raw)) == json.JSONDecoder().raw_decode(rest)[0]


REAL = {file: (DUMPS / file).read_bytes() for file in ("sidecar_istiod.json", "gateway_1.4.json", "sidecar_1.4.json")}


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(sorted(REAL)), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=4))
def test_no_damaged_byte_makes_reading_raise(file: str, damage: list[tuple[float, int]]) -> None:
    body = bytearray(REAL[file])
    for where, byte in damage:
        body[int(where * (len(body) - 1))] = byte
    text = Document.of(file, bytes(body))
    try:
        values = values_of(text)
    except GarbledError:
        return
    for value in values:
        for resource in read_dump(text, value).resources:
            kind = Listener if resource.kind == LISTENER else Cluster
            assert isinstance(resource.read(kind), (kind, Undecodable))


WORDS = st.sampled_from(
    (
        *("configs", "resources", "bootstrap", "static_resources", "listeners", "clusters", "@type", "name", "cluster"),
        *("dynamic_active_clusters", "dynamicListeners", "activeState", "listener", "error_state", "resource", "node"),
    )
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=12,
)


@settings(deadline=None)
@given(json_values)
def test_no_value_at_all_makes_indexing_raise(value: object) -> None:
    dump = read_dump(Document.of("x", b""), Raw(json.dumps(value).encode()))
    for resource in dump.resources:
        assert isinstance(resource.name, str)
        resource.read(Listener)
    assert dump.node is None or dump.node.id
