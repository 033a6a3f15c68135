"""Names as Istio's DNS proxy resolves them; pkg/dns/client/dns_test.go has the same cases."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.istio.dns_proxy import DnsProxy

from .name_tables import BARE, TABLE, read


def dns_proxy(namespace: str = "default", domain: str = "default.svc.cluster.local") -> DnsProxy:
    return DnsProxy(read(BARE)[0], namespace, domain)


def resolved(name: str, **where: str) -> tuple[str, ...]:
    host = dns_proxy(**where).resolve(name)
    return host.ips if host else ()


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
def test_a_name_is_resolved_as_by_the_agent(name: str, ips: tuple[str, ...]) -> None:
    assert resolved(name) == ips


def test_the_short_name_is_of_the_proxys_own_namespace() -> None:
    assert resolved("reviews", namespace="other", domain="other.svc.cluster.local") == ("10.0.0.2",)
    assert resolved("reviews", namespace="third", domain="third.svc.cluster.local") == ()
    assert resolved("reviews.other", namespace="third", domain="third.svc.cluster.local") == ("10.0.0.2",)


def test_a_node_id_without_a_domain_has_kubernetes_default() -> None:
    assert resolved("reviews", domain="") == ("10.0.0.1",)


def test_a_host_goes_before_another_ones_short_name() -> None:
    hosts, _ = read({"table": TABLE | {"reviews": {"ips": ["240.240.0.9"], "registry": "External"}}})
    host = DnsProxy(hosts, "default", "svc.cluster.local").resolve("reviews.")
    assert host is not None
    assert host.ips == ("240.240.0.9",)


@given(st.sampled_from(sorted(TABLE)), st.sampled_from(["", ".", ".default.svc.cluster.local"]))
def test_every_host_answers_to_its_full_name_also_below_the_first_search_domain(host: str, below: str) -> None:
    expected = () if host == "range.example.com" else tuple(TABLE[host]["ips"])
    assert resolved(host.replace("*", "any") + below) == expected


@given(st.text("ab.*-", max_size=20))
def test_any_text_has_an_answer_or_none(name: str) -> None:
    host = dns_proxy().resolve(name)
    assert host is None or host.host in TABLE
