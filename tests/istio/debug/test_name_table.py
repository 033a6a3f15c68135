"""Names as Istio's DNS proxy resolves them (pkg/dns/client/dns_test.go tells the same cases of its own)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from meshscope.istio.debug.name_table import NamedHost, NameTable, read_names
from meshscope.istio.debug.recognise import recognise
from meshscope.location import Document, Location
from meshscope.snapshot.snapshot import Problem

TYPE = "type.googleapis.com/istio.networking.nds.v1.NameTable"
TABLE = {
    "reviews.default.svc.cluster.local": {
        "ips": ["10.0.0.1"], "registry": "Kubernetes", "shortname": "reviews", "namespace": "default"},
    "reviews.other.svc.cluster.local": {
        "ips": ["10.0.0.2"], "registry": "Kubernetes", "shortname": "reviews", "namespace": "other"},
    "mysql-0.mysql.other.svc.cluster.local": {
        "ips": ["10.1.0.1"], "registry": "Kubernetes", "shortname": "mysql-0.mysql", "namespace": "other"},
    "far.default.svc.far.example": {
        "ips": ["10.9.9.9"], "registry": "Kubernetes", "shortname": "far", "namespace": "default"},
    "www.example.com": {"ips": ["240.240.0.1", "2001:db8::1"], "registry": "External"},
    "*.wild.example.com": {"ips": ["240.240.0.2"], "registry": "External"},
    "*.deep.wild.example.com": {"ips": ["240.240.0.3"], "registry": "External"},
    "range.example.com": {"ips": ["10.0.0.0/8"], "registry": "External"},
    "aliased.example.com": {"ips": ["240.240.0.4"], "registry": "External", "aliases": ["alias.example.com"]},
}  # fmt: skip
BARE = {"table": TABLE}
FORMS: dict[str, Any] = {
    "as an agent tells it": BARE,
    "as an old istiod tells it": [{"@type": TYPE, **BARE}],
    "as istiod tells it": {"resource": {"@type": TYPE, **BARE}},
    "in a ConfigDump": {"configs": [{"@type": TYPE, **BARE}]},
    "resource by resource": [
        {"name": host, "resource": {"@type": TYPE, "nameInfo": info}} for host, info in TABLE.items()
    ],
}


def read(value: Any) -> tuple[tuple[NamedHost, ...], tuple[Problem, ...]]:
    body = json.dumps(value).encode()
    return read_names(Raw(body), Location(Document.of("ndsz.json", body)))


def table(namespace: str = "default", domain: str = "default.svc.cluster.local") -> NameTable:
    return NameTable(read(BARE)[0], namespace, domain)


def resolved(name: str, **where: str) -> tuple[str, ...]:
    found = table(**where).resolved(name)
    return found.ips if found else ()


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_form_of_the_table_is_recognised_and_says_the_same(form: Any) -> None:
    hosts, problems = read(form)
    assert recognise(Raw(json.dumps(form).encode())) == "debug/ndsz"
    assert problems == ()
    assert {host.host: host.ips for host in hosts} == {
        host: tuple(info["ips"]) for host, info in TABLE.items() if host != "range.example.com"
    }
    www = next(host for host in hosts if host.host == "www.example.com")
    assert www.location.place().line == 1


@pytest.mark.parametrize(
    "value", [{"table": {"a": {"b": 1}}}, {"table": []}, [{"@type": "x/istio.other"}], {"name": "x"}]
)
def test_what_only_looks_like_it_is_none(value: Any) -> None:
    assert recognise(Raw(json.dumps(value).encode())) != "debug/ndsz"
    assert read(value)[0] == ()


def test_an_entry_of_another_shape_costs_itself_alone() -> None:
    hosts, (problem,) = read({"table": {"a": {"ips": 3}, "b": {"ips": ["10.0.0.1"]}}})
    assert [host.host for host in hosts] == ["b"]
    assert problem.message.startswith("table.a: ")


@pytest.mark.parametrize(
    ("name", "ips"),
    [
        ("reviews", ("10.0.0.1",)),
        ("REVIEWS", ("10.0.0.1",)),
        ("reviews.default", ("10.0.0.1",)),
        ("reviews.other", ("10.0.0.2",)),
        ("reviews.other.svc", ("10.0.0.2",)),
        ("reviews.other.svc.cluster.local", ("10.0.0.2",)),
        ("reviews.other.svc.cluster.local.", ("10.0.0.2",)),
        ("mysql-0.mysql.other", ("10.1.0.1",)),
        ("mysql-0.mysql", ()),
        ("mysql", ()),
        ("far.default.svc.far.example", ("10.9.9.9",)),
        ("far", ()),
        ("far.default", ()),
        ("www.example.com", ("240.240.0.1", "2001:db8::1")),
        ("www.example.com.", ("240.240.0.1", "2001:db8::1")),
        ("example.com", ()),
        ("a.wild.example.com", ("240.240.0.2",)),
        ("a.b.wild.example.com", ("240.240.0.2",)),
        ("a.deep.wild.example.com", ("240.240.0.3",)),
        ("wild.example.com", ()),
        ("range.example.com", ()),
        ("alias.example.com", ("240.240.0.4",)),
        ("", ()),
    ],
)
def test_a_name_is_resolved_as_the_agent_does(name: str, ips: tuple[str, ...]) -> None:
    assert resolved(name) == ips


def test_the_short_name_is_of_the_proxys_own_namespace() -> None:
    assert resolved("reviews", namespace="other", domain="other.svc.cluster.local") == ("10.0.0.2",)
    assert resolved("reviews", namespace="third", domain="third.svc.cluster.local") == ()
    assert resolved("reviews.other", namespace="third", domain="third.svc.cluster.local") == ("10.0.0.2",)


def test_a_node_that_does_not_say_its_domain_has_kubernetes_default() -> None:
    assert resolved("reviews", domain="") == ("10.0.0.1",)


def test_a_host_goes_before_another_ones_short_name() -> None:
    hosts, _ = read({"table": TABLE | {"reviews": {"ips": ["240.240.0.9"], "registry": "External"}}})
    found = NameTable(hosts, "default", "svc.cluster.local").resolved("reviews.")
    assert found is not None
    assert found.ips == ("240.240.0.9",)


@given(st.sampled_from(sorted(TABLE)), st.sampled_from(["", ".", ".default.svc.cluster.local"]))
def test_every_host_answers_to_its_full_name_also_below_the_first_search_domain(host: str, below: str) -> None:
    expected = () if host == "range.example.com" else tuple(TABLE[host]["ips"])
    assert resolved(host.replace("*", "any") + below) == expected


@given(st.text("ab.*-", max_size=20))
def test_any_text_has_an_answer_or_none(name: str) -> None:
    found = table().resolved(name)
    assert found is None or found.host in TABLE
