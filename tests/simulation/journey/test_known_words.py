"""Words that nothing knows are refused, with the nearest ones; names that may be of hosts outside the mesh are not."""

from __future__ import annotations

import pytest

from meshscope.errors import UsageError
from meshscope.mesh.mesh import Mesh
from meshscope.simulation.journey.destination import parse_destination
from meshscope.simulation.journey.known_words import PROTOCOLS, SCHEMES, check_host, check_protocol, check_scheme
from meshscope.simulation.journey.simulator import trace
from meshscope.simulation.request import Request

from ...mesh.meshes import bootstrap, captured, clusters, dump, manifest, mesh_of, routes

SERVICE = manifest("Service", "reviews", spec={"clusterIP": "10.96.0.1", "ports": [{"name": "http", "port": 80}]})
TABLE = {"name": "80", "virtual_hosts": [{"name": "v", "domains": ["edge", "front:80", "*"], "routes": []}]}


def mesh(*manifests: object) -> Mesh:
    listed = {"apiVersion": "v1", "kind": "List", "items": [*manifests]}
    return mesh_of(dump(bootstrap(), routes(TABLE)), captured("objects.json", listed))


@pytest.mark.parametrize(
    ("host", "message"),
    [
        ("revews", "no service or host 'revews' in this input; did you mean reviews?"),
        ("revews.shop", "no service or host 'revews.shop' in this input; did you mean reviews.shop?"),
        ("revews.shop.svc.cluster.local", "did you mean reviews.shop?"),
        ("edge", ""),
        ("front", ""),
        ("localhost", ""),
        ("revews.other", ""),
        ("www.example.com", ""),
        ("a.b.shop", ""),
    ],
)
def test_a_name_that_the_input_should_know_is_refused(host: str, message: str) -> None:
    one = mesh(SERVICE)
    if not message:
        check_host(one, host, one.proxies[0])
        return
    with pytest.raises(UsageError) as error:
        check_host(one, host, one.proxies[0])
    assert message in str(error.value)


def test_without_services_the_domains_of_route_tables_are_the_known_names() -> None:
    with pytest.raises(UsageError, match="did you mean edge"):
        check_host(mesh(), "edgee", None)


@pytest.mark.parametrize(
    ("host", "is_known"), [("db", True), ("db.shop", True), ("db.shop.svc", True), ("dbs", False), ("db.other", True)]
)
def test_a_service_of_which_only_a_proxy_knows_is_no_unknown_name(host: str, is_known: bool) -> None:
    """A route table has no services of TCP, and manifests may be of a few services alone; namespace `other` is not known."""
    listed = {"apiVersion": "v1", "kind": "List", "items": [SERVICE]}
    up = clusters({"name": "outbound|5432||db.shop.svc.cluster.local"})
    one = mesh_of(dump(bootstrap(), routes(TABLE), up), captured("objects.json", listed))
    if is_known:
        check_host(one, host, one.proxies[0])
        return
    with pytest.raises(UsageError, match=f"no service or host '{host}'.*did you mean db"):
        check_host(one, host, one.proxies[0])


def test_an_input_that_knows_no_names_refuses_none() -> None:
    check_host(mesh_of(dump(bootstrap())), "revews", None)


def test_an_address_that_is_given_needs_no_name() -> None:
    request = Request(source="pod-1", dest="http://revews/", to="10.0.0.1:80")
    assert trace(mesh(SERVICE), request).paths


@pytest.mark.parametrize("scheme", SCHEMES)
def test_known_schemes_pass(scheme: str) -> None:
    check_scheme(parse_destination(f"{scheme.upper()}://a.example:1/"))


def test_other_schemes_and_protocols_are_refused() -> None:
    with pytest.raises(UsageError, match="no scheme 'htp'; did you mean http"):
        check_scheme(parse_destination("htp://a.example/"))
    with pytest.raises(UsageError, match="protocol: no protocol 'htp2'; did you mean http2"):
        check_protocol("htp2")
    for protocol in ("", *PROTOCOLS):
        check_protocol(protocol)
