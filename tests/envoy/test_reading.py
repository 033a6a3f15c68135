from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import Raw

from meshscope.envoy.dump_builder import name_of
from meshscope.envoy.reading import read_document, unwrapped
from meshscope.envoy.resource import BOOTSTRAP, CLUSTER, ECDS, ENDPOINTS, LISTENER, ROUTES, SECRET
from meshscope.snapshot.json_text import values_of
from meshscope.xds.bootstrap import Bootstrap
from meshscope.xds.cluster import Cluster

from .pieces import ADMIN, document, dump_of, dumps_of, listed, recorded, section

ISTIOD = "sidecar_istiod.json"
TYPES = "type.googleapis.com/envoy.config."


def bodies(section_name: str, array: str, body: str) -> list[dict[str, Any]]:
    """Resources as istioctl and istiod write them, in camelCase."""
    return [entry[body] for entry in section(ISTIOD, section_name)[array]]


def clusters() -> list[dict[str, Any]]:
    return bodies("Clusters", "dynamicActiveClusters", "cluster")


def listeners() -> list[dict[str, Any]]:
    return [entry["activeState"]["listener"] for entry in section(ISTIOD, "Listeners")["dynamicListeners"]]


def routes() -> list[dict[str, Any]]:
    return bodies("Routes", "dynamicRouteConfigs", "routeConfig")


def assignments() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = recorded("sidecar_istiod_edsz.json")["configs"]
    return found


def untyped(resources: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: value for key, value in resource.items() if key != "@type"} for resource in resources]


LISTS = [(LISTENER, listeners), (CLUSTER, clusters), (ROUTES, routes), (ENDPOINTS, assignments)]


@pytest.mark.parametrize(("kind", "resources"), LISTS)
@pytest.mark.parametrize("strip", [list, untyped])
def test_a_bare_array_of_resources_is_read_with_and_without_types(kind: str, resources: Any, strip: Any) -> None:
    dump = dump_of(strip(resources()))
    names = [each.get("name") or each["clusterName"] for each in resources()]
    assert listed(dump) == [(kind, name, "active") for name in names]
    assert dump.evidence == {kind}
    assert (dump.problems, dump.has_sections) == ((), False)


def test_bare_resources_under_configs_are_read_as_a_control_plane_writes_them() -> None:
    dump = dump_of({"configs": assignments() + clusters()})
    assert dump.evidence == {ENDPOINTS, CLUSTER}
    assert not dump.problems
    assert len(dump.of_kind(ENDPOINTS)) == len(assignments())


@pytest.mark.parametrize("name", ["Clusters", "Listeners", "Routes"])
def test_one_wrapped_section_is_read_with_and_without_its_type(name: str) -> None:
    typed = section(ISTIOD, name)
    (plain,) = untyped([typed])
    whole = [resource.name for resource in dump_of({"configs": [typed]}).resources]
    assert [resource.name for resource in dump_of(typed).resources] == whole
    assert [resource.name for resource in dump_of(plain).resources] == whole != []


@pytest.mark.parametrize(
    ("message", "element", "found"),
    [
        ("ClustersConfigDump.DynamicCluster", {"cluster": {"name": "a"}}, (CLUSTER, "a", "active")),
        ("ClustersConfigDump.StaticCluster", {"cluster": {"name": "a"}}, (CLUSTER, "a", "static")),
        ("ListenersConfigDump.StaticListener", {"listener": {"name": "a"}}, (LISTENER, "a", "static")),
        (
            "ListenersConfigDump.DynamicListener",
            {"name": "a", "active_state": {"listener": {"name": "a"}}},
            (LISTENER, "a", "active"),
        ),
        (
            "ListenersConfigDump.DynamicListener",
            {"name": "a", "draining_state": {"listener": {"name": "a"}}},
            (LISTENER, "a", "draining"),
        ),
        (
            "ListenersConfigDump.DynamicListener",
            {"name": "a", "warmingState": {"listener": {"name": "a"}}},
            (LISTENER, "a", "warming"),
        ),
        ("ListenersConfigDump.DynamicListener", {"error_state": {"details": "x"}}, (LISTENER, "", "error")),
        ("RoutesConfigDump.DynamicRouteConfig", {"route_config": {"name": "a"}}, (ROUTES, "a", "active")),
        ("RoutesConfigDump.DynamicRouteConfig", {"routeConfig": {"name": "a"}}, (ROUTES, "a", "active")),
        (
            "EndpointsConfigDump.DynamicEndpointConfig",
            {"endpoint_config": {"cluster_name": "a"}},
            (ENDPOINTS, "a", "active"),
        ),
        ("SecretsConfigDump.DynamicSecret", {"name": "a", "secret": {"name": "a"}}, (SECRET, "a", "active")),
        ("EcdsConfigDump.EcdsFilterConfig", {"ecds_filter": {"name": "a"}}, (ECDS, "a", "active")),
    ],
)
def test_elements_of_a_resource_query_are_read(message: str, element: dict[str, Any], found: Any) -> None:
    dump = dump_of({"configs": [{"@type": ADMIN + message, **element, "last_updated": "2026-01-01T00:00:00Z"}]})
    assert (listed(dump), dump.problems) == ([found], ())


def test_sections_in_a_map_are_read_as_those_in_an_array() -> None:
    named = {part["@type"].rpartition(".")[2]: part for part in recorded("gateway_1.4.json")["configs"]}
    dump = dump_of({"configs": named})
    assert [r.name for r in dump.resources] == [r.name for r in dump_of(recorded("gateway_1.4.json")).resources]
    assert dump.origin.api_v2
    assert dump.resources[0].location.place().path.startswith("configs.ClustersConfigDump.dynamicActiveClusters[0]")


def test_dumps_under_the_names_of_their_proxies_are_unwrapped() -> None:
    part = {"configs": [section(ISTIOD, "Clusters")]}
    value = Raw(json.dumps({"xds": {"shop/eg": part, "shop/other": part}}).encode())
    assert [path for path, _ in unwrapped(value)] == [("xds", "shop/eg"), ("xds", "shop/other")]


def test_a_dump_below_a_name_may_start_with_its_type() -> None:
    part = {"@type": ADMIN + "ConfigDump", "configs": [section(ISTIOD, "Clusters")]}
    assert [path for path, _ in unwrapped(Raw(json.dumps({"xds": {"shop/eg": part}}).encode()))] == [("xds", "shop/eg")]


def test_each_client_of_a_control_plane_is_a_dump_of_its_own() -> None:
    first, second = clusters()[:2]
    old = {"node": {"id": "a"}, "xdsConfig": [{"status": "SYNCED", "clusterConfig": {"dynamicActiveClusters": [
        {"versionInfo": "7", "cluster": first}]}}]}  # fmt: skip
    new = {"node": {"id": "b"}, "genericXdsConfigs": [
        {"typeUrl": first["@type"], "name": first["name"], "versionInfo": "8", "xdsConfig": first, "clientStatus": "ACKED"},
        {"typeUrl": first["@type"], "name": second["name"], "xdsConfig": second, "clientStatus": "NACKED",
         "errorState": {"details": "no", "failedConfiguration": second}},
        {"typeUrl": first["@type"], "name": "nowhere", "clientStatus": "DOES_NOT_EXIST"},
        {"typeUrl": TYPES + "unheard.v3.Of", "name": "x", "xdsConfig": {}},
    ]}  # fmt: skip
    text = document({"config": [old, new]})
    dumps, problems = read_document(text, values_of(text))
    assert [path for path, _ in dumps] == [("config", 0), ("config", 1)]
    (a, b) = (dump for _, dump in dumps)
    assert [dump.node.id for dump in (a, b) if dump.node] == ["a", "b"]
    assert (listed(a), a.resources[0].version_info) == ([(CLUSTER, first["name"], "active")], "7")
    assert listed(b) == [
        (CLUSTER, first["name"], "active"),
        (CLUSTER, second["name"], "active"),
        (CLUSTER, second["name"], "error"),
        (CLUSTER, "nowhere", "error"),
    ]
    assert a.evidence == b.evidence == {CLUSTER}
    assert all(CLUSTER in dump.open_kinds and not dump.has_sections for dump in (a, b)), "static ones are not in it"
    assert b.resources[0].location.place().path == "config[1].genericXdsConfigs[0].xdsConfig"
    assert [problem.message for problem in problems] == [
        "config[1].genericXdsConfigs[3]: not a resource of Envoy's configuration: Of"
    ]


@pytest.mark.parametrize("value", [{"configs": {"a": {}}}, {"bootstrap": {"node": {}}}, {"a": {"b": {}}}, [], 3])
def test_what_wraps_no_dump_is_itself(value: object) -> None:
    raw = Raw(json.dumps(value).encode())
    assert list(unwrapped(raw)) == [((), raw)]


def test_values_in_a_row_are_dumps_whose_places_count_them() -> None:
    text = json.dumps({"configs": [section(ISTIOD, "Clusters")]}, indent=1) + "\n" + json.dumps(listeners(), indent=1)
    first, second = dumps_of(text)
    assert first.evidence == {CLUSTER}
    assert second.evidence == {LISTENER}
    place = second.resources[0].location.place()
    assert place.path == "[1][0]"
    assert place.line == text[: text.index("\n[")].count("\n") + 3


def test_a_discovery_response_gives_its_resources_named_ones_too() -> None:
    cluster = {"@type": TYPES + "cluster.v3.Cluster", "name": "c"}
    wrapped = {"@type": "type.googleapis.com/envoy.service.discovery.v3.Resource", "name": "l"}
    wrapped["resource"] = {"@type": TYPES + "listener.v3.Listener", "name": "l"}  # type: ignore[assignment]  # JSON
    dump = dump_of({"version_info": "1", "resources": [cluster, wrapped], "type_url": cluster["@type"]})
    assert (listed(dump), dump.problems) == ([(CLUSTER, "c", "active"), (LISTENER, "l", "active")], ())
    assert dump.resources[1].location.place().path == "resources[1].resource"


def test_lists_by_kind_are_read() -> None:
    lists = {"listeners": listeners(), "clusters": untyped(clusters()), "routes": [], "endpoints": assignments()}
    dump = dump_of(lists)
    assert dump.evidence == {LISTENER, CLUSTER, ROUTES, ENDPOINTS}
    assert len(dump.resources) == len(listeners()) + len(clusters()) + len(assignments())


YAML = """\
holder: !ignore
  port: &port {address: 127.0.0.1, port_value: 9901}
admin: {address: {socket_address: *port}}
node: {id: test, cluster: c}
static_resources:
  clusters:
  - &first
    name: one
    connect_timeout: 1s
  - <<: *first
    name: two
  listeners:
  - name: in
    address: {socket_address: {address: 0.0.0.0, port_value: 80}}
"""


def test_a_bootstrap_in_yaml_is_read_with_anchors_and_without_what_it_ignores() -> None:
    dump = dump_of(YAML, "envoy.yaml")
    assert [(kind, name) for kind, name, _ in listed(dump)] == [
        (BOOTSTRAP, ""),
        (LISTENER, "in"),
        (CLUSTER, "one"),
        (CLUSTER, "two"),
    ]
    assert isinstance(dump.bootstrap, Bootstrap)
    assert dump.bootstrap.admin
    assert str(dump.bootstrap.admin.address) == "127.0.0.1:9901"
    two = dump.of_kind(CLUSTER)[1].read(Cluster)
    assert isinstance(two, Cluster)
    assert (two.name, two.connect_timeout) == ("two", "1s")
    assert [resource.location.place().line for resource in dump.resources[1:]] == [13, 7, 10]


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b'{"name":"a"}', "a"),
        (b'{ "@type": "x", "name": "a" }', "a"),
        (b'{"clusterName":"a","endpoints":[]}', "a"),
        (b'{"type":"EDS","name":"\\u0061|b"}', "a|b"),
        (b'{"name":"\\"q\\""}', '"q"'),
        (b'{"inner":{"name":"b"}}', ""),
        (b'{"name":3}', ""),
        (b'"name"', ""),
        (b'{"name":"\xff"}', ""),
    ],
)
def test_names_are_found_wherever_they_stand(body: bytes, name: str) -> None:
    assert name_of(Raw(body)) == name
