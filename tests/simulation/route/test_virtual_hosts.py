from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.location import Document, Location
from meshscope.mesh.mesh import Mesh
from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.route.compiled import CompiledVirtualHost
from meshscope.simulation.route.virtual_hosts import FoundVirtualHost, VirtualHosts
from meshscope.snapshot.reading import open_snapshot
from meshscope.xds.message import Undecodable
from meshscope.xds.route import RouteConfiguration

from ..reading import read

RECORDINGS = Path(__file__).parents[3] / "recordings"


def table(*domains: str | tuple[str, ...], **settings: Any) -> VirtualHosts:
    """A table with one virtual host for each argument, named after its first domain."""
    hosts = [(each,) if isinstance(each, str) else each for each in domains]
    names = [{"name": host[0], "domains": host} for host in hosts]
    return VirtualHosts(json.dumps({"virtual_hosts": names, **settings}).encode())


def found(hosts: VirtualHosts, authority: str | None, *headers: tuple[str, str]) -> str | None:
    result = hosts.find(authority, HttpRequest(headers=headers))
    return result.domain if isinstance(result, FoundVirtualHost) else None


@pytest.mark.parametrize(
    ("authority", "domain"),
    [
        ("foo.com", "foo.com"),
        ("FOO.com", "foo.com"),
        ("foo.com:8080", "foo.com:8080"),
        ("foo.com:81", "foo.*"),
        ("x.bar.com", "*.bar.com"),
        ("y-x.bar.com", "*-x.bar.com"),
        ("-x.bar.com", "*.bar.com"),
        ("a.b.bar.com", "*.bar.com"),
        (".bar.com", "*"),
        ("bar.com", "*"),
        ("x.bar.com:81", "*"),
        ("foo.bar.com", "*.bar.com"),
        ("foo.org", "foo.*"),
        ("foo.", "*"),
        ("foo.bar.org", "foo.bar.*"),
        ("a*b", "a*b"),
        ("axb", "*"),
        ("x*star", "**star"),
        ("xstar", "*"),
        ("", "*"),
    ],
)
def test_exact_then_suffix_then_prefix_then_any(authority: str, domain: str) -> None:
    hosts = table("*", "foo.*", "foo.bar.*", "*.bar.com", "*-x.bar.com", "foo.com", "foo.com:8080", "a*b", "**star")
    assert found(hosts, authority) == domain


@given(
    st.lists(st.text("ab.*:", min_size=1, max_size=4), unique_by=str.lower, max_size=12),
    st.text("ab.:", min_size=1, max_size=6),
)
def test_the_index_finds_what_a_walk_finds(domains: list[str], authority: str) -> None:
    def rank(domain: str) -> tuple[int, int] | None:
        if domain == "*":
            return (3, 0)
        if domain.startswith("*"):
            return (1, -len(domain)) if authority.endswith(domain[1:]) and len(authority) >= len(domain) else None
        if domain.endswith("*"):
            return (2, -len(domain)) if authority.startswith(domain[:-1]) and len(authority) >= len(domain) else None
        return (0, 0) if domain == authority else None

    ranked = sorted((place, domain) for domain in domains if (place := rank(domain)) is not None)
    assert found(table(*domains), authority) == (ranked[0][1] if ranked else None)


def test_nothing_matches_without_an_authority_unless_there_is_only_any() -> None:
    assert found(table("a", "*"), None) is None
    assert found(table("*"), None) == "*"
    assert found(table("a"), "b") is None


def test_a_port_is_ignored_where_the_table_says_so() -> None:
    hosts = table("foo.com", "bar.com:80", "*", ignore_port_in_host_matching=True)
    assert found(hosts, "foo.com:81") == found(hosts, "foo.com:abc") == "foo.com"
    assert found(hosts, "bar.com:80") == "*"
    assert found(table("[::1]", ignore_port_in_host_matching=True), "[::1]:80") == "[::1]"
    assert found(table("[::1]", ignore_port_in_host_matching=True), "[::1]") == "[::1]"


def test_another_header_may_stand_for_the_host() -> None:
    hosts = table("foo.com", "bar.com", "*", vhost_header="X-Host")
    assert found(hosts, "foo.com", ("x-host", "BAR.com"), ("x-host", "foo.com")) == "bar.com"
    assert found(hosts, "foo.com") is None
    verdict = hosts.find("foo.com", HttpRequest())
    assert "X-Host" in getattr(verdict, "because", "")
    assert found(table("*", vhost_header="x-host"), "foo.com") == "*"


def test_virtual_hosts_on_demand_leave_a_miss_unknown() -> None:
    with_vhds = table("a", vhds={"config_source": {}}).find("b", HttpRequest())
    assert getattr(with_vhds, "answer", "") == "unknown"
    assert getattr(table("a").find("b", HttpRequest()), "answer", "") == "no"


def test_a_domain_twice_is_a_flaw_and_the_first_stays() -> None:
    hosts = table(("a", "x"), ("A", "y"), ("*", "*"))
    result = hosts.find("a", HttpRequest())
    assert isinstance(result, FoundVirtualHost)
    assert (result.index, result.name, result.rule) == (0, "a", "exact")
    assert len(hosts.flaws) == 2
    assert table("a", "b").flaws == []


def test_routes_are_read_when_their_virtual_host_is_chosen() -> None:
    hosts = VirtualHosts(b'{"virtual_hosts":[{"name":"a","domains":["a"],"routes":7},{"name":"b","domains":["b"]}]}')
    assert found(hosts, "a") == "a"
    assert isinstance(hosts.compiled(0), Undecodable)
    assert isinstance(hosts.compiled(1), CompiledVirtualHost)
    assert hosts.compiled(1) is hosts.compiled(1)


@pytest.mark.parametrize("body", [b"[]", b"{", b'{"virtual_hosts":7}'])
def test_a_table_that_does_not_read_is_unknown(body: bytes) -> None:
    hosts = VirtualHosts(body)
    assert hosts.flaws
    assert getattr(hosts.find("a", HttpRequest()), "answer", "") == "unknown"
    assert hosts.explain("a", HttpRequest()) == ()


def test_one_virtual_host_that_does_not_read_leaves_the_others() -> None:
    hosts = VirtualHosts(b'{"virtual_hosts":[{"name":"a","domains":7},{"name":"b","domains":["b"]}]}')
    assert len(hosts.flaws) == 1
    assert found(hosts, "b") == "b"


def test_a_typed_table_is_searched_alike() -> None:
    typed = read(RouteConfiguration, {"name": "t", "virtual_hosts": [{"name": "a", "domains": ["a", "*.b"]}]})
    hosts = VirtualHosts(typed)
    assert hosts.head.name == "t"
    assert found(hosts, "x.b") == "*.b"
    assert isinstance(hosts.compiled(0), CompiledVirtualHost)


@pytest.mark.parametrize("recording", ["bookinfo", "bookinfo-v2", "website"])
def test_every_recorded_domain_finds_its_virtual_host(recording: str) -> None:
    tables = [
        VirtualHosts(route_table.raw)
        for proxy in Mesh(open_snapshot(str(RECORDINGS / recording))).proxies
        for route_table in proxy.route_tables()
    ]
    searched = [(hosts, i, d) for hosts in tables for i, host in enumerate(hosts.names) for d in host.domains]
    assert searched
    for hosts, index, domain in searched:
        result = hosts.find(domain.replace("*", "any"), HttpRequest())
        assert isinstance(result, FoundVirtualHost)
        assert (result.index, result.domain) == (index, domain)
    assert not any(hosts.flaws for hosts in tables)


# --- why the others lost -----------------------------------------------------------------------------------------------


def lost(hosts: VirtualHosts, authority: str) -> dict[str, str]:
    return {rejected.name: rejected.because for rejected in hosts.explain(authority, HttpRequest())}


def test_near_misses_say_what_would_have_to_change() -> None:
    hosts = table("reviews:9080", "reviews.prod.svc", "*.bar.com", "far.away", "*")
    assert lost(hosts, "reviews:80") == {
        "reviews:9080": "reviews:9080 would match if the port were 9080",
        "reviews.prod.svc": "reviews.prod.svc would match the full name, not reviews:80",
        "2 more": "none of their domains is as near",
    }
    assert lost(hosts, "reviews.prod.svc:80")["reviews.prod.svc"].endswith("would match without the port 80")
    assert lost(hosts, "bar.com")["*.bar.com"] == "*.bar.com does not match bar.com itself"
    assert lost(hosts, ".bar.com")["*.bar.com"] == "*.bar.com needs one more character before it"
    assert lost(hosts, "x.bar.com:81")["*.bar.com"] == "*.bar.com would match without the port 81"
    others = [f"other-{n}" for n in range(5)]
    assert lost(table(*others), "shop") == {"5 more": "none of their domains is as near: other-0, other-1, other-2 …"}
    assert lost(table("a"), "shop") == {"1 more": "none of their domains is as near: a"}
    assert lost(hosts, "x.bar.com")["*"] == "any * matches too; suffix *.bar.com comes before it"


def test_nearest_first_and_no_more_than_a_few() -> None:
    hosts = table(*(f"reviews:{port}" for port in range(1, 30)), "*")
    rejected = hosts.explain("reviews:80", HttpRequest())
    assert len(rejected) == 11
    assert rejected[-1].name == "19 more"
    assert [each.near for each in rejected] == sorted(each.near for each in rejected)


def test_a_port_that_is_cut_off_explains_a_domain_with_one() -> None:
    hosts = table("a:80", "*", ignore_port_in_host_matching=True)
    assert "ignore_port_in_host_matching" in lost(hosts, "a:80")["a:80"]


def test_the_chosen_one_is_not_among_them_and_each_has_its_place() -> None:
    hosts = table("a", ("b", "a:1"), "*")
    top = Location(Document.of("t", b"{}"), ("table",))
    rejected = hosts.explain("a", HttpRequest(), location=top)
    assert [each.name for each in rejected] == ["b", "*"]
    assert rejected[0].location == top.below(("virtual_hosts", 1, "domains", 1))


@given(st.lists(st.text("ab.*:", min_size=1, max_size=4), max_size=8), st.text("ab.:", max_size=6))
def test_an_explanation_accounts_for_every_virtual_host(domains: list[str], authority: str) -> None:
    hosts = table(*domains)
    rejected = hosts.explain(authority, HttpRequest())
    rest = next((int(each.name.split()[0]) for each in rejected if each.name.endswith(" more")), 0)
    listed = sum(not each.name.endswith(" more") for each in rejected)
    assert listed + rest + (found(hosts, authority) is not None) == len(domains)


@given(st.lists(st.text("abA.*:", min_size=1, max_size=5), max_size=12), st.text("ab.:", max_size=6))
def test_the_first_explanation_of_a_table_is_that_of_any_later_one(domains: list[str], authority: str) -> None:
    hosts = table(*domains)
    assert hosts.explain(authority, HttpRequest()) == hosts.explain(authority, HttpRequest())


def test_a_host_with_a_letter_wrong_is_near_wherever_the_letter_is() -> None:
    hosts = table(("shop.example", "shop.example:81"), "stop.example", "other.example")
    near = {rejected.name: rejected.because for rejected in hosts.explain("shpo.example", HttpRequest())}
    assert near["shop.example"] == "shop.example is one letter off shpo.example"
    assert "stop.example" not in near
    known = hosts.explain("shop.example", HttpRequest())
    assert not any("one letter off" in rejected.because for rejected in known)
