"""The registry of kinds: which words there are and what each means."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import Any

import msgspec
import pytest

import meshscope.listing.kinds
from meshscope.envoy.resource import BOOTSTRAP, ECDS
from meshscope.errors import UsageError
from meshscope.istio.kinds.resources import RESOURCE_KINDS
from meshscope.listing.kind import Kind
from meshscope.listing.registry import KINDS, kind_named, kind_of_name, words
from meshscope.listing.selection import Selection

from ..mesh.meshes import (
    WEBSITE,
    bootstrap,
    captured,
    clusters,
    dump,
    listeners,
    mesh_of,
    recorded,
    static,
    tcp_listener,
)
from .listed import mesh_with

FILES = sorted(Path(meshscope.listing.kinds.__file__).parent.glob("*.py"))
OBJECTS = [str(entry) if entry.group else f"{entry.plural}.core" for entry in RESOURCE_KINDS]
CONTRACT = {
    "proxies": "name namespace workload kind ip istio_version envoy_version node_id captured_at "
    "istiod revision cds lds eds rds ecds",
    "listeners": "proxy name address port state chains match route_configs clusters",
    "routes": "proxy route_config virtual_host domains match action cluster weight timeout virtual_service owner",
    "clusters": "proxy name fqdn port subset direction type state endpoints destination_rule",
    "filterchains": "proxy listener index name match transport filters route_config clusters",
    "endpoints": "proxy address health outlier_check weight priority locality cluster pod",
    "secrets": "proxy name type status serial not_after not_before sans",
    "ecds": "proxy name type",
    "bootstrap": "proxy node admin runtime static_listeners static_clusters",
    "services": "name namespace host addresses ports endpoints source",
    "workloads": "name namespace addresses node protocol waypoint policies status",
    "policies": "name namespace scope action dry_run rules workloads",
}


def test_every_file_that_defines_a_kind_is_listed_and_every_listed_kind_has_its_file() -> None:
    defining = [file.stem for file in FILES if "\nKIND: " in file.read_text()]
    assert defining == sorted(KINDS)
    assert [kind_of_name(name).name for name in KINDS] == list(KINDS)


def test_no_word_names_two_kinds() -> None:
    listed = [*KINDS, *chain.from_iterable(KINDS.values())]
    assert len(set(listed)) == len(listed)
    assert all(word == word.lower() for word in listed)


def test_every_word_of_a_kind_leads_to_it_in_any_case() -> None:
    for name, others in KINDS.items():
        assert {kind_named(word).name for word in (name, name.upper(), *others)} == {name}


@pytest.mark.parametrize("word", OBJECTS)
def test_a_kind_of_objects_is_always_clear_with_its_group(word: str) -> None:
    kind = kind_named(word)
    assert kind.name == word.removesuffix(".core")
    assert not kind.is_per_proxy


def test_a_word_that_envoy_and_kubernetes_share_is_envoys() -> None:
    for word in ("secret", "secrets", "endpoints", "services", "svc"):
        assert kind_named(word).name in KINDS
    assert kind_named("secrets.core").name == "secrets"
    assert kind_named("secrets.core") is not kind_named("secrets")


GATEWAYS = [
    {"apiVersion": f"{group}/v1", "kind": "Gateway", "metadata": {"name": "g"}}
    for group in ("networking.istio.io", "gateway.networking.k8s.io")
]


def test_an_ambiguous_word_is_what_the_mesh_holds_else_an_error_with_the_candidates() -> None:
    both = mesh_of(*(captured(f"{i}.json", each) for i, each in enumerate(GATEWAYS)))
    one = mesh_of(captured("g.json", GATEWAYS[1]))
    assert kind_named("gateway", one).name == "gateways.gateway.networking.k8s.io"
    for mesh in (both, None):
        with pytest.raises(UsageError, match="ambiguous") as error:
            kind_named("gateway", mesh)
        assert "gateways.networking.istio.io, gateways.gateway.networking.k8s.io" in str(error.value)


@pytest.mark.parametrize(
    ("word", "near"), [("lissteners", "listeners"), ("virtualservise", "virtualservices"), ("", "")]
)
def test_an_unknown_word_is_an_error_that_names_the_nearest(word: str, near: str) -> None:
    with pytest.raises(UsageError) as error:
        kind_named(word)
    assert near in str(error.value)


def test_the_words_for_completion_are_known_words() -> None:
    assert len(words()) > 30
    for word in words():
        try:
            kind_named(word)
        except UsageError as error:
            assert "ambiguous" in str(error)  # noqa: PT017  # either is right, by word


@pytest.mark.parametrize("name", KINDS)
def test_rows_have_the_fields_of_the_contract_and_more(name: str) -> None:
    fields = set(kind_of_name(name).row.__struct_fields__)
    assert set(CONTRACT[name].split()) <= fields
    assert {"state", "owner", "location"} <= fields


@pytest.mark.parametrize("name", [name for name in KINDS if name != "ecds"])
def test_every_kind_lists_a_recording_with_places_and_in_plain_json(name: str) -> None:
    kind = kind_of_name(name)
    rows = list(kind.rows(mesh_with(name), Selection()))
    assert rows
    for row in rows:
        assert row.location
        assert row.location.place().line
        plain = {field: getattr(row, field) for field in row.__struct_fields__ if field not in ("location", "criteria")}
        assert msgspec.json.decode(msgspec.json.encode(plain)).keys() == plain.keys()
        for column in kind.columns:
            assert isinstance(column.cell(row), (str, int, tuple, list, type(None))), column.title


def columns(kind: Kind[Any]) -> list[str]:
    return [column.title for column in kind.columns]


@pytest.mark.parametrize("name", [*KINDS, *OBJECTS])
def test_columns_are_distinct_and_the_first_is_always_shown(name: str) -> None:
    kind = kind_named(name)
    assert len(set(columns(kind))) == len(columns(kind))
    assert not kind.columns[0].wide
    assert kind.columns[0].rank == 0


def test_missing_evidence_is_told_and_absence_is_not() -> None:
    bare = mesh_of(dump(bootstrap(), clusters({"name": "a", "type": "EDS"})))
    assert kind_of_name("endpoints").missing(bare, Selection()) == ("no endpoint evidence in this input",)
    assert kind_of_name("clusters").missing(bare, Selection()) == ()
    assert kind_of_name("services").missing(bare, Selection()) == ()
    local = mesh_of(dump(bootstrap(), clusters(static("a", "10.0.0.1:80"))))
    assert kind_of_name("endpoints").missing(local, Selection()) == ()
    assert kind_of_name("listeners").missing(local, Selection()) == ("no listener evidence in this input",)


def test_what_one_proxy_of_several_lacks_is_told_by_its_name() -> None:
    whole = dump(bootstrap("a.x"), clusters(), listeners(tcp_listener("l", "c")), name="a.json")
    mesh = mesh_of(whole, dump(bootstrap("b.x"), clusters(), name="b.json"))
    assert kind_of_name("listeners").missing(mesh, Selection()) == ("no listener evidence for b.x",)
    assert kind_of_name("listeners").missing(mesh, Selection(proxy="a.x")) == ()


def test_no_discovered_extension_is_no_missing_evidence_in_a_whole_dump() -> None:
    kind = kind_of_name("ecds")
    assert kind.resource == ECDS
    assert kind.missing(recorded(WEBSITE), Selection()) == ()
    assert kind.missing(mesh_of(dump(bootstrap(), clusters())), Selection()) != ()
    assert recorded(WEBSITE).proxies[0].has_evidence(BOOTSTRAP)
