"""What is made of a service is what a real istiod made of it: of each port of each service of recorded meshes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.envoy.resource import CLUSTER, ENDPOINTS, LISTENER
from meshscope.istio.names import parse_cluster
from meshscope.mesh.mesh import Mesh
from meshscope.overlay.draft import Draft, Json
from meshscope.overlay.patches.merging import alike
from meshscope.overlay.services.chains import outbound
from meshscope.overlay.services.cluster_body import cluster_body
from meshscope.overlay.services.endpoints import assignment, backends_of
from meshscope.overlay.services.listeners import Listeners
from meshscope.overlay.services.not_exact import NotExactError
from meshscope.overlay.services.told import Spot, Told, domains_of, spelling_of, told
from meshscope.overlay.services.virtual_hosts import HTTP, name_of, table_of, tables_of

from ..asking import mesh_of

MESHES = ("bookinfo", "gateways", "services")
UNLISTED = "kubernetes.default.svc.cluster.local"
"""A Service whose endpoints nothing tells."""


def clients(name: str) -> Iterator[tuple[Configuration, Client, dict[Spot, Told]]]:
    mesh: Mesh = mesh_of(name)
    configuration = Configuration(mesh)
    hosts = {service.host for service in configuration.services.all}
    for client in configuration.clients:
        sidecar = configuration.scope(client).sidecar
        if sidecar is None or not any(each.port for each in sidecar.value.spec.egress):
            yield configuration, client, told(configuration, client, hosts)


@pytest.mark.parametrize("name", MESHES)
def test_a_proxy_has_the_clusters_of_what_it_is_told_of(name: str) -> None:
    for _, client, spots in clients(name):
        names = (parse_cluster(each.name) for each in client.proxy.resources(CLUSTER))
        has = {(one.host, one.port) for one in names if one and one.direction == "outbound" and not one.sni_dnat}
        assert set(spots) == has


@pytest.mark.parametrize("name", MESHES)
def test_virtual_hosts_have_the_domains(name: str) -> None:
    for configuration, client, spots in clients(name):
        hosts = {host["name"]: host for table in tables_of(Draft(client)) for host in table["virtual_hosts"]}
        spelling = spelling_of(configuration, (domain for host in hosts.values() for domain in host["domains"]))
        for spot, one in spots.items():
            if one.is_routed and one.port.protocol.family in HTTP and table_of(one) == str(spot[1]):
                wanted = domains_of(configuration, client, one, spelling)
                assert list(wanted) == hosts[name_of(configuration, spot)]["domains"]


def endpoints(body: Json) -> list[Json]:
    """Without what Envoy adds when it lists them."""
    found = []
    for group in body.get("endpoints", ()):
        for each in group["lb_endpoints"]:
            socket = each["endpoint"]["address"]["socket_address"]
            istio = each.get("metadata", {}).get("filter_metadata", {})
            place = tuple(sorted(group.get("locality", {}).items()))
            found.append((place, socket["address"], socket["port_value"], each.get("load_balancing_weight"), istio))
    return sorted(found, key=str)


@pytest.mark.parametrize("name", MESHES)
def test_clusters_have_the_endpoints(name: str) -> None:
    count = 0
    for configuration, client, spots in clients(name):
        draft = Draft(client)
        known = [body for each in client.proxy.resources(ENDPOINTS) if (body := draft.body(ENDPOINTS, each.name))]
        for one in spots.values():
            own = draft.body(ENDPOINTS, str(one.cluster))
            if own and one.service.resolution in ("STATIC", "ClientSide") and one.service.host != UNLISTED:
                for by_selector in (False, True):
                    backends = backends_of(configuration, one, by_selector=by_selector)
                    assert endpoints(assignment("", backends, known)) == endpoints(own)
                    count += 1
    assert count > 4


@pytest.mark.parametrize("name", MESHES)
def test_a_cluster_without_rules_is_istiods(name: str) -> None:
    count = 0
    for configuration, client, spots in clients(name):
        draft = Draft(client)
        for one in spots.values():
            own = draft.body(CLUSTER, str(one.cluster))
            is_ruled = "config" in (own or {}).get("metadata", {}).get("filter_metadata", {}).get("istio", {})
            if own is None or is_ruled or one.service.host == UNLISTED:
                continue
            backends = () if one.service.resolution == "NONE" else backends_of(configuration, one)
            made = cluster_body(configuration, draft, one, backends)
            assert alike({key: value for key, value in own.items() if key not in ("@type", "load_assignment")}, made)
            count += 1
    assert count > 4


@pytest.mark.parametrize("name", MESHES)
def test_a_listener_that_is_taken_away_is_made_again(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Listeners, "_copy", lambda *_: False)
    count = 0
    for configuration, client, spots in clients(name):
        for one in spots.values():
            draft = Draft(client)
            before = dict(outbound(draft))
            listeners = Listeners(configuration, configuration, draft)
            if not one.is_routed:
                continue
            try:
                listeners.remove(one)
                gone = [each for each in before if draft.body(LISTENER, each) is None]
                listeners.make(one)
            except NotExactError:
                continue
            count += len(gone)
            for each in gone:
                assert alike(before[each], draft.body(LISTENER, each))
    assert count or name == "gateways"
