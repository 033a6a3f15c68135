from __future__ import annotations

from typing import Any

import pytest

from meshscope.errors import UsageError
from meshscope.listing.registry import kind_of_name
from meshscope.listing.selection import Selection, fits
from meshscope.mesh.proxy_names import proxies_named

from ..mesh import meshes
from ..mesh.meshes import GATEWAY, NGINX, WEBSITE, bootstrap, clusters, dump, mesh_of, recorded, static

HOST = "nginx-service.default.svc.cluster.local"


def names(kind: str, **selection: Any) -> set[Any]:
    rows: Any = kind_of_name(kind).rows(recorded(WEBSITE), Selection(proxy=GATEWAY, **selection))
    return {getattr(row, "name", None) or getattr(row, "address", None) for row in rows}


@pytest.mark.parametrize(
    "word",
    [
        NGINX,
        NGINX.partition(".")[0],
        "default/" + NGINX.partition(".")[0],
        "pod/" + NGINX,
        "proxy/" + NGINX,
        "nginx-pod",
        "nginx-pod.default",
        "default/nginx-pod",
    ],
)
def test_a_proxy_is_named_by_pod_and_by_workload(word: str) -> None:
    assert [proxy.name for proxy in proxies_named(recorded(WEBSITE), word)] == [NGINX]


def test_a_proxy_is_named_by_its_node_id_and_by_its_application() -> None:
    mesh = mesh_of(dump(bootstrap("pod-1.shop"), clusters()))
    assert mesh.proxies[0].node
    for word in (mesh.proxies[0].node.id, "web", "web.shop", "shop/web"):
        assert [proxy.name for proxy in proxies_named(mesh, word)] == ["pod-1.shop"]


def test_several_pods_of_one_workload_are_all_meant_and_a_pods_own_name_wins() -> None:
    pods = [dump(bootstrap(f"web-1234567890-abcd{i}.x"), clusters(), name=f"{i}.json") for i in (1, 2)]
    mesh = mesh_of(*pods, dump(bootstrap("web.x"), clusters(), name="3.json"))
    assert len(proxies_named(mesh_of(*pods), "web")) == 2
    assert [proxy.name for proxy in proxies_named(mesh, "web")] == ["web.x"]


@pytest.mark.parametrize("name", ["a/b.shop", "pod/x.shop", "[/].shop"])
def test_a_proxy_with_a_slash_in_its_name_is_found_by_it(name: str) -> None:
    others = dump(bootstrap("pod-1.shop"), clusters(), name="other.json")
    mesh = mesh_of(dump(bootstrap(name), clusters()), others)
    assert [proxy.name for proxy in proxies_named(mesh, name)] == [name]


@pytest.mark.parametrize("word", ["nginx-pot.default", "elsewhere/nginx-pod", "nothing-like-it", "pod/x", ""])
def test_an_unknown_proxy_is_an_error_that_names_others(word: str) -> None:
    with pytest.raises(UsageError, match="no proxy") as error:
        proxies_named(recorded(WEBSITE), word)
    assert "istio-ingressgateway" in str(error.value) or "nginx-pod" in str(error.value)


def test_namespace_and_labels_narrow_the_proxies() -> None:
    mesh = recorded(WEBSITE)
    assert [p.name for p in Selection(namespace="default").proxies(mesh)] == [NGINX]
    assert Selection(namespace="nowhere").proxies(mesh) == ()
    assert [p.name for p in Selection(labels=(("istio", "ingressgateway"),)).proxies(mesh)] == [GATEWAY]
    assert Selection(labels=(("istio", "other"),)).proxies(mesh) == ()


@pytest.mark.parametrize(
    ("kind", "selection", "expected"),
    [
        ("listeners", {"port": 8080}, {"0.0.0.0_8080"}),
        ("listeners", {"port": 8081}, set()),
        ("listeners", {"name": "0.0.0.0_8080"}, {"0.0.0.0_8080"}),
        ("listeners", {"type": "route"}, {"0.0.0.0_8080"}),
        ("listeners", {"cluster": "agent"}, {"0.0.0.0_15021"}),
        ("clusters", {"fqdn": HOST}, {f"outbound|80|subset1|{HOST}", f"outbound|80||{HOST}"}),
        ("clusters", {"fqdn": HOST, "subset": "subset1"}, {f"outbound|80|subset1|{HOST}"}),
        ("clusters", {"fqdn": "agent"}, {"agent"}),
        ("clusters", {"direction": "INBOUND"}, set()),
        ("clusters", {"direction": "outbound", "port": 80, "subset": "subset1"}, {f"outbound|80|subset1|{HOST}"}),
        ("clusters", {"type": "strict_dns"}, set()),
        ("clusters", {"cluster": "agent"}, {"agent"}),
        ("endpoints", {"cluster": f"outbound|80||{HOST}"}, {"10.20.1.10:80"}),
        ("endpoints", {"fqdn": HOST}, {"10.20.1.10:80"}),
        ("endpoints", {"address": "10.20.1.10"}, {"10.20.1.10:80"}),
        ("endpoints", {"address": "10.20.1.10:80", "status": "healthy"}, {"10.20.1.10:80"}),
        ("endpoints", {"address": "10.20.1.10", "port": 81}, set()),
        ("endpoints", {"status": "unhealthy"}, set()),
        ("secrets", {"name": "ROOTCA"}, {"ROOTCA"}),
        ("secrets", {"status": "warming"}, set()),
        ("secrets", {"status": "active"}, {"ROOTCA", "default"}),
    ],
)
def test_filters_choose_rows(kind: str, selection: dict[str, Any], expected: set[str]) -> None:
    assert names(kind, **selection) == expected


def test_a_cluster_that_only_starts_with_the_name_is_not_chosen() -> None:
    assert names("clusters", cluster="agen") == set()
    assert names("clusters", fqdn="nginx-service") == set()


def test_states_show_what_is_in_effect_unless_asked_for_more() -> None:
    warming = {"dynamic_warming_clusters": [{"cluster": static("w", "10.0.0.1:80")}]}
    mesh = mesh_of(dump(bootstrap(), clusters(static("a", "10.0.0.1:80")), warming))
    kind = kind_of_name("clusters")
    for state, expected in (("", ["a"]), ("all", ["a", "w"]), ("warming", ["w"]), ("draining", [])):
        shown: list[Any] = list(kind.rows(mesh, Selection(state=state)))
        assert [row.name for row in shown] == expected


def test_refused_listeners_are_shown_among_all_states_with_the_reason() -> None:
    entry = {"name": "l", "error_state": {"details": "duplicate address"}}
    part = {"@type": meshes.ADMIN + "ListenersConfigDump", "dynamic_listeners": [entry]}
    mesh = mesh_of(dump(bootstrap(), part))
    kind = kind_of_name("listeners")
    assert list(kind.rows(mesh, Selection())) == []
    (row,) = kind.rows(mesh, Selection(state="all"))
    assert (row.state, getattr(row, "error", "")) == ("error", "duplicate address")


@pytest.mark.parametrize(
    ("wanted", "values", "expected"),
    [
        ("", (), True),
        ("a", ("a",), True),
        ("a", ("ab",), False),
        ("a*", ("ab", "c"), True),
        ("*b", ("ab",), True),
        ("a?", ("ab",), True),
        ("a?", ("abc",), False),
        ("a*", ("ba",), False),
        ("*.team-a.*", ("web.team-a.svc",), True),
        ("outbound|80|[*", ("outbound|80|[::1]",), True),
        ("*", ("",), True),
        ("a.b*", ("axb",), False),
    ],
)
def test_a_filter_is_a_value_or_a_glob(wanted: str, values: tuple[str, ...], expected: bool) -> None:
    assert fits(wanted, *values) is expected


def test_proxies_are_chosen_by_a_glob() -> None:
    names = [proxy.name for proxy in Selection(proxy="nginx*").proxies(recorded(WEBSITE))]
    assert names == [NGINX]
    with pytest.raises(UsageError):
        Selection(proxy="nothing*").proxies(recorded(WEBSITE))
