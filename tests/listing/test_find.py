from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from meshscope.errors import CancelledError
from meshscope.istio.provenance import ObjectRef
from meshscope.listing.find import find, object_reference
from meshscope.listing.mention import Mention
from meshscope.listing.selection import Selection
from meshscope.mesh.mesh import Mesh
from meshscope.snapshot.reading import DEMO, open_snapshot
from meshscope.work import Work

from ..mesh import meshes
from ..mesh.ambient_meshes import SERVER, SERVER_POD, service, ztunnel
from ..mesh.meshes import (
    GATEWAY,
    NGINX,
    WEBSITE,
    assignment,
    bootstrap,
    captured,
    clusters,
    dump,
    eds,
    endpoints,
    listeners,
    mesh_of,
    recorded,
    routes,
    static,
    table,
    tcp_listener,
)

HOST = "reviews.default.svc.cluster.local"


def found(what: str, *sections: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(m.kind, m.name, m.field) for m in find(mesh_of(dump(bootstrap(), *sections)), what)]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (f"outbound|80|v1|{HOST}", HOST),
        (f"outbound|80|v1|{HOST}", f"outbound|80|v1|{HOST}"),
        (f"outbound_.80_._.{HOST}", HOST),
        (f"{HOST}:80", HOST),
        ("reviews:9080", "reviews"),
        ("10.20.0.2:80", "10.20.0.2"),
        ("spiffe://cluster.local/ns/default/sa/reviews", "reviews"),
        ("spiffe://cluster.local/ns/default/sa/reviews", "spiffe://cluster.local/ns/default/sa/reviews"),
        ("reviews", "reviews"),
        ("to reviews.", "reviews"),
    ],
)
def test_a_word_is_found_where_it_stands_alone(text: str, what: str) -> None:
    assert ("cluster", "x", "alt_stat_name") in found(what, clusters({"name": "x", "alt_stat_name": text}))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("10.20.0.21:80", "10.20.0.2"),
        ("110.20.0.2:80", "10.20.0.2"),
        ("reviews-v2", "reviews"),
        ("my-reviews", "reviews"),
        ("previews", "reviews"),
        (HOST, "reviews"),
        (f"other.{HOST}", HOST),
        (f"{HOST}.example", HOST),
        ("Reviews", "reviews"),
    ],
)
def test_a_part_of_a_word_is_not_found(text: str, what: str) -> None:
    assert found(what, clusters({"name": "x", "alt_stat_name": text})) == []


def test_an_address_with_its_port_is_found_in_its_two_fields() -> None:
    told = endpoints(assignment("a", "10.0.0.1:80", "10.0.0.1:81", "10.0.0.11:80"))
    place = "endpoints[0].lb_endpoints[0].endpoint.address.socket_address"
    assert found("10.0.0.1:80", told) == [("endpoint_config", "a", place)]
    assert len(found("10.0.0.1", told)) == 2
    assert found("[::1]:80", endpoints(assignment("a", "::1:80"))) == [("endpoint_config", "a", place)]


def test_an_address_with_its_port_is_found_in_camel_case_too() -> None:
    inner = {"socketAddress": {"address": "10.0.0.1", "portValue": 80}}
    part = {"configs": [{"dynamicActiveClusters": [{"cluster": {"name": "a", "x": inner}}]}]}
    assert [m.field for m in find(mesh_of(captured("x.json", part)), "10.0.0.1:80")] == ["x.socketAddress"]


@pytest.mark.parametrize(
    ("prefix", "length", "what", "hit"),
    [
        ("10.0.0.0", 8, "10.9.9.9", True),
        ("10.0.0.0", 8, "10.9.9.9:80", True),
        ("10.0.0.1", 32, "10.0.0.1", True),
        ("2001:db8::", 32, "2001:db8::1", True),
        ("10.0.0.0", 8, "11.0.0.1", False),
        ("::", 0, "2001:db8::1", False),
        ("10.0.0.0", 8, "2001:db8::1", False),
        ("10.0.0.0", 99, "10.0.0.1", False),
    ],
)
def test_a_range_that_holds_an_address_mentions_it(prefix: str, length: int, what: str, hit: bool) -> None:
    match = {"prefix_ranges": [{"address_prefix": prefix, "prefix_len": length}]}
    fields = [field for _, _, field in found(what, listeners(tcp_listener("l", "c", filter_chain_match=match)))]
    assert fields == (["filter_chains[0].filter_chain_match.prefix_ranges[0]"] if hit else [])


def test_a_host_is_found_in_every_proxy_and_every_kind_of_a_recording() -> None:
    mentions = list(find(recorded(WEBSITE), "nginx-service.default.svc.cluster.local"))
    assert {mention.proxy for mention in mentions} == {GATEWAY, NGINX}
    assert {"cluster", "route_config", "endpoint_config"} <= {mention.kind for mention in mentions}
    assert len({(m.proxy, m.kind, m.name, m.field, m.location) for m in mentions}) == len(mentions)


def test_every_mention_of_a_recording_stands_at_its_place() -> None:
    mentions = list(find(recorded(WEBSITE), "10.20.1.10"))
    assert mentions
    for mention in mentions:
        path, line, _ = mention.location.document.line_numbers.find(mention.location.path)
        assert len(path) == len(mention.location.path)
        assert line


def test_an_object_is_followed_to_what_istiod_made_of_it() -> None:
    mentions = list(find(recorded(WEBSITE), "vs/nginx-virtual-service.default"))
    made = {(mention.proxy, mention.kind) for mention in mentions}
    assert {(GATEWAY, "route_config"), (None, "VirtualService")} <= made
    rule = {m.name for m in find(recorded(WEBSITE), "destinationrule/nginx-destination-rule") if m.kind == "cluster"}
    assert "outbound|80|subset1|nginx-service.default.svc.cluster.local" in rule


def test_an_object_whose_name_only_begins_so_is_another_one() -> None:
    meta = {"filter_metadata": {"istio": {"config": "/apis/networking.istio.io/v1/namespaces/d/virtual-service/web-2"}}}
    mesh = mesh_of(dump(bootstrap(), clusters({"name": "a", "metadata": meta})))
    assert list(find(mesh, "vs/web.d")) == []
    assert [mention.name for mention in find(mesh, "vs/web-2.d")] == ["a"]


@pytest.mark.parametrize(
    ("what", "reference"),
    [
        ("vs/web.shop", ("VirtualService", "shop", "web")),
        ("virtualservice/web", ("VirtualService", "default", "web")),
        ("VirtualServices.networking.istio.io/web.shop", ("VirtualService", "shop", "web")),
        ("dr/a.b.shop", ("DestinationRule", "shop", "a.b")),
        ("httproute/web.shop", ("HTTPRoute", "shop", "web")),
    ],
)
def test_an_object_is_named_by_kind_and_name(what: str, reference: tuple[str, str, str]) -> None:
    ref = object_reference(what)
    assert ref
    assert (ref.kind, ref.namespace, ref.name) == reference


@pytest.mark.parametrize("what", ["web", "web.shop", "10.0.0.0/8", "cluster/a", "pod/web.shop", "spiffe://a/b", "/x"])
def test_other_text_is_no_object(what: str) -> None:
    assert object_reference(what) is None
    assert ObjectRef("", "", "", "") != object_reference(what)


def test_a_san_is_found_in_the_certificate_that_carries_it() -> None:
    mentions = [m for m in find(recorded(WEBSITE), "spiffe://cluster.local/ns/default/sa/default") if m.field == "sans"]
    assert {(mention.kind, mention.proxy, mention.name) for mention in mentions} == {("secret", NGINX, "default")}


def test_a_secret_is_found_where_it_is_asked_for_and_where_it_is_held() -> None:
    kinds = {mention.kind for mention in find(recorded(WEBSITE), "ROOTCA")}
    assert kinds >= {"secret", "cluster", "listener"}


def test_live_hosts_are_found_and_only_in_effect_configuration() -> None:
    status = {"name": "a", "host_statuses": [meshes.at("10.0.0.1:80")]}
    warming = {"dynamic_warming_clusters": [{"cluster": static("w", "10.0.0.1:80")}]}
    mesh = mesh_of(dump(bootstrap(), clusters(eds("a")), warming), captured("c.json", {"cluster_statuses": [status]}))
    mentions: list[Mention] = list(find(mesh, "10.0.0.1:80"))
    assert [(mention.kind, mention.name, mention.value) for mention in mentions] == [("endpoint", "a", "10.0.0.1:80")]


def test_the_selection_narrows_the_proxies() -> None:
    everywhere = [m for m in find(recorded(WEBSITE), "xds-grpc") if m.proxy]
    one = [m for m in find(recorded(WEBSITE), "xds-grpc", Selection(proxy=GATEWAY)) if m.proxy]
    assert {mention.proxy for mention in everywhere} == {GATEWAY, NGINX}
    assert {mention.proxy for mention in one} == {GATEWAY}


def test_manifests_are_searched_and_what_is_secret_is_not() -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": {"conf": "db.example pw"}}
    entry = {"apiVersion": "networking.istio.io/v1", "kind": "ServiceEntry", "metadata": {"name": "e"}}
    mesh = mesh_of(captured("s.json", secret), captured("e.json", {**entry, "spec": {"hosts": ["db.example"]}}))
    assert [(m.kind, m.field, m.proxy) for m in find(mesh, "db.example")] == [("ServiceEntry", "spec.hosts[0]", None)]


@pytest.mark.parametrize("what", ["10.20.1.10", "vs/nginx-virtual-service.default"])
def test_a_search_reports_its_progress_to_the_end_and_is_cancelled_at_any_step(what: str) -> None:
    shares: list[float] = []
    list(find(recorded(WEBSITE), what, work=Work(lambda done, total: shares.append(done / total))))
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    asked = itertools.count()
    list(find(recorded(WEBSITE), what, work=Work(cancelled=lambda: next(asked) < 0)))
    for number in range(next(asked)):
        with pytest.raises(CancelledError):
            list(find(recorded(WEBSITE), what, work=Work(cancelled=at_step(number))))


def at_step(number: int) -> Callable[[], bool]:
    steps = itertools.count()
    return lambda: next(steps) == number


def test_nothing_is_found_of_what_is_nowhere() -> None:
    assert found("nowhere", clusters(eds("a")), routes(table("r", cluster="a"))) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.8.0.2", [("workload", "back/store", "workloadIps[0]")]),
        ("10.9.0.1", [("service", "back/store", "vips[0]")]),
        ("tills", []),
        ("wide", [("policy", "istio-system/wide", "name")]),
        (
            "back/no",
            [
                ("workload", "front/till", "authorizationPolicies[0]"),
                ("workload", "back/store", "authorizationPolicies[0]"),
            ],
        ),
        ("10.8.0", []),
    ],
)
def test_what_ztunnels_know_is_found(text: str, expected: list[tuple[str, str, str]]) -> None:
    mentions = list(find(mesh_of(captured("ztunnel.json", ztunnel())), text))
    assert [(one.kind, one.name, one.field) for one in mentions] == expected
    assert all(one.proxy == "ztunnel" and one.location.path for one in mentions)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cluster/c", {("cluster", "c"), ("filterchain", "l/0")}),
        ("listener/l", {("listener", "l")}),
        ("cluster/l", set()),
        ("clusters/other", {("cluster", "other")}),
        (
            "svc/store.back",
            {("Service", "Service back/store"), ("cluster", "outbound|80||store.back.svc.cluster.local")},
        ),
        ("pod/store", {("Pod", "Pod back/store"), ("Service", "Service back/store"), ("cluster", "c")}),
        ("svc/gone", set()),
    ],
)
def test_a_thing_of_any_kind_is_found_with_what_refers_to_it(text: str, expected: set[tuple[str, str]]) -> None:
    names = static("outbound|80||store.back.svc.cluster.local")
    proxy = dump(
        bootstrap(), clusters(static("c", f"{SERVER}:80"), static("other"), names), listeners(tcp_listener("l", "c"))
    )
    objects = (captured(f"{index}.json", one) for index, one in enumerate((SERVER_POD, service())))
    found = {(one.kind, one.name) for one in find(mesh_of(proxy, *objects), text)}
    assert found == expected if text == "clusters/other" or not expected else expected <= found


def test_the_objects_that_name_an_object_are_found_with_it() -> None:
    found = [
        (one.kind, one.field)
        for one in find(Mesh(open_snapshot(DEMO)), "gateways.networking.istio.io/bookinfo.default")
    ]
    assert found == [("Gateway", "metadata.name"), ("VirtualService", "spec.gateways[0]")]


def test_a_field_is_named_from_its_own_resource_on() -> None:
    mentions = find(Mesh(open_snapshot(DEMO)), "cluster/BlackHoleCluster")
    fields = {one.kind: one.field for one in mentions}
    assert fields == {"cluster": "name", "filterchain": "filter_chains[0].filters[0].typed_config.cluster"}
