from __future__ import annotations

import inspect
import json
from importlib import import_module
from pkgutil import iter_modules
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Raw

import meshscope.xds
from meshscope.envoy import dialect
from meshscope.envoy.dialect import FREE, KEYED, canonical, is_old, snake
from meshscope.envoy.sections import ARRAYS
from meshscope.path import camel
from meshscope.xds.cluster import Cluster
from meshscope.xds.endpoint import ClusterLoadAssignment
from meshscope.xds.listener import Listener
from meshscope.xds.message import Message
from meshscope.xds.route import RouteConfiguration

from . import twins
from .pieces import ADMIN, ADMIN_V2, camelcase, dump_of, plain, section

KINDS: list[tuple[type[Message], str, str, st.SearchStrategy[twins.Pair]]] = [
    (Listener, "static_listeners", "listener", twins.listeners()),
    (Cluster, "static_clusters", "cluster", twins.clusters()),
    (RouteConfiguration, "static_route_configs", "route_config", twins.route_tables()),
    (ClusterLoadAssignment, "static_endpoint_configs", "endpoint_config", twins.assignments()),
]


def fields() -> set[str]:
    modules = [import_module(f"meshscope.xds.{module.name}") for module in iter_modules(meshscope.xds.__path__)]
    classes = [each for module in modules for _, each in inspect.getmembers(module, inspect.isclass)]
    return {name for each in classes if issubclass(each, Message) for name in each.__struct_fields__}


def test_every_field_is_found_by_its_camel_case_name() -> None:
    names = fields() | set(ARRAYS) | FREE | KEYED
    assert {name: snake(camel(name)) for name in names} == {name: name for name in names}
    assert {snake(name) for name in names} == names


def read(value: dict[str, Any], array: str, body: str, kind: type[Message], admin: str = ADMIN) -> object:
    """One resource, read out of a dump in which it is the only one."""
    camel_case = array not in ARRAYS
    part = {"@type": admin + "ConfigDump", array: [{camel(body) if camel_case else body: value}]}
    (only,) = dump_of({"configs": [part]}).resources
    found = only.read(kind)
    assert isinstance(found, kind), found
    return plain(found)


@pytest.mark.parametrize(("kind", "array", "body", "pairs"), KINDS, ids=[kind[2] for kind in KINDS])
@settings(deadline=None, max_examples=60)
@given(drawing=st.data())
def test_all_spellings_of_a_resource_read_as_equal_messages(
    kind: type[Message], array: str, body: str, pairs: st.SearchStrategy[twins.Pair], drawing: st.DataObject
) -> None:
    v3, v2 = drawing.draw(pairs)
    expected = read(v3, array, body, kind)
    assert read(camelcase(v3), camel(array), body, kind) == expected
    assert read(v2, array, body, kind, ADMIN_V2) == expected
    assert read(camelcase(v2), camel(array), body, kind, ADMIN_V2) == expected


@pytest.mark.parametrize("kind", KINDS, ids=[kind[2] for kind in KINDS])
@settings(deadline=None, max_examples=40)
@given(drawing=st.data())
def test_canonical_text_is_left_as_it_is(kind: Any, drawing: st.DataObject) -> None:
    v3 = json.loads(json.dumps(drawing.draw(kind[3])[0]))
    assert json.loads(canonical(Raw(json.dumps(v3).encode()), kind[2], api_v2=False)) == v3


camelish = {"camelKey": 1, "snake_key": {"innerKey": [{"deepKey": None}]}, "hiddenEnvoyDeprecatedX": "y"}


@pytest.mark.parametrize("api_v2", [False, True])
@pytest.mark.parametrize(
    "path",
    [
        ("metadata", "filterMetadata"),
        ("node", "metadata"),
        ("layeredRuntime", "layers", "staticLayer"),
        ("loadAssignment", "endpoints", "lbEndpoints", "metadata", "filterMetadata"),
        ("transportSocketMatches", "match"),
        ("lbSubsetConfig", "defaultSubset"),
    ],
    ids=".".join,
)
def test_free_form_content_is_kept_to_the_last_key(path: tuple[str, ...], api_v2: bool) -> None:
    value: Any = camelish
    for key in reversed(path):
        value = {key: value}
    found = json.loads(canonical(Raw(json.dumps(value).encode()), "cluster", api_v2=api_v2))
    for key in path:
        found = found[snake(key)]
    assert found == camelish


@pytest.mark.parametrize("field", sorted(KEYED))
def test_the_keys_of_a_map_are_data_and_its_values_are_messages(field: str) -> None:
    text = json.dumps({camel(field): {"camelKey": {"innerField": 1}, "snake_key": {"typeUrl": "x"}}})
    found = json.loads(canonical(Raw(text.encode()), "typed_config", api_v2=False))
    assert found == {field: {"camelKey": {"inner_field": 1}, "snake_key": {"type_url": "x"}}}


def test_what_a_jwt_rule_requires_is_a_message_and_what_filter_state_requires_is_a_map() -> None:
    needed = {"requiresAny": {"requirements": [{"providerName": "p"}]}}
    rules = {"rules": [{"requires": needed}], "filterStateRules": {"requires": {"someKey": {"providerName": "p"}}}}
    found = json.loads(canonical(Raw(json.dumps(rules).encode()), "typed_config", api_v2=False))
    assert found["rules"] == [{"requires": {"requires_any": {"requirements": [{"provider_name": "p"}]}}}]
    assert found["filter_state_rules"] == {"requires": {"someKey": {"provider_name": "p"}}}


def test_null_is_absent() -> None:
    assert canonical(Raw(b'{"filterChainMatch": null, "name": "a"}'), "filter_chains", api_v2=False) == b'{"name":"a"}'


@pytest.mark.parametrize("text", [b"[" * 100_000, b"{", b'{"a":\xff}', b""])
def test_what_is_no_json_comes_back_as_it_is(text: bytes) -> None:
    assert canonical(Raw(text), "cluster", api_v2=True) == text


@pytest.mark.parametrize(
    ("text", "old"),
    [
        ('"@type":"type.googleapis.com/envoy.api.v2.auth.DownstreamTlsContext"', True),
        ('"@type":"type.googleapis.com/envoy.config.filter.http.jwt_authn.v2alpha.JwtAuthentication"', True),
        ('"hidden_envoy_deprecated_tls_context":{}', True),
        ('"hiddenEnvoyDeprecatedHosts":[]', True),
        ('"@type":"type.googleapis.com/envoy.config.cluster.v3.Cluster"', False),
        ('"@type":"type.googleapis.com/istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig"', False),
        ('"prefix":"/envoy.v2"', False),
    ],
)
def test_messages_of_api_v2_are_told_by_their_types(text: str, old: bool) -> None:
    assert is_old(Raw(b"{" + text.encode() + b"}")) is old


@pytest.mark.parametrize(("kind", "part"), [(Cluster, "Clusters"), (Listener, "Listeners")])
def test_istiods_camel_case_reads_as_what_envoy_made_of_it(kind: type[Message], part: str) -> None:
    """Envoy dumps the resource that istiod sent, so both views of one proxy read as equal messages."""
    views = [dump_of({"configs": [section(file, part)]}) for file in ("sidecar.json", "sidecar_istiod.json")]
    theirs, istiods = [{r.name: plain(r.read(kind)) for r in view.resources if r.state == "active"} for view in views]
    assert len(istiods) > 2
    assert theirs == istiods


@pytest.mark.parametrize(("body", "pairs"), [kind[2:] for kind in KINDS], ids=[kind[2] for kind in KINDS])
@given(drawing=st.data())
def test_a_large_resource_is_rewritten_in_pieces_to_the_same_text(
    body: str, pairs: st.SearchStrategy[twins.Pair], drawing: st.DataObject
) -> None:
    v3, _ = drawing.draw(pairs)
    raw = Raw(json.dumps(camelcase(v3)).encode())
    whole = canonical(raw, body, api_v2=False)
    with patch.object(dialect, "_AT_ONCE", 0):
        assert canonical(raw, body, api_v2=False) == whole


@pytest.mark.parametrize(
    "body",
    [
        {
            "virtualHosts": [{"requireTls": "ALL"}, None, "x", [{"aB": 1}]],
            "maxBytes": None,
            "filterMetadata": {"aB": [1]},
        },
        {"typedPerFilterConfig": {"aB": {"cD": 1}}, "labels": [{"aB": 1}], "aB": [], "cD": {"eF": {}}},
        {"virtualHosts": [], "virtual_hosts": [{"aB": 1}]},
    ],
)
def test_pieces_know_data_absence_and_two_spellings(body: dict[str, Any]) -> None:
    raw = Raw(json.dumps(body).encode())
    whole = canonical(raw, "route_config", api_v2=False)
    with patch.object(dialect, "_AT_ONCE", 0):
        assert canonical(raw, "route_config", api_v2=False) == whole
