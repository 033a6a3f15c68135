"""ServiceEntry: each of its hosts against the clusters and endpoints of the proxies that see it.

https://istio.io/latest/docs/reference/config/networking/service-entry/
"""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.effect.answer import Difference, State
from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.outcome import Outcome
from meshscope.effect.scope import Scope
from meshscope.effect.services import MeshService, Port
from meshscope.effect.written import Written
from meshscope.envoy.resource import CLUSTER
from meshscope.istio.names import ClusterName
from meshscope.istio.objects.service_entry import ServiceEntry
from meshscope.istio.protocol import Family
from meshscope.mesh.endpoints import endpoints_of
from meshscope.path import Path
from meshscope.xds.cluster import Cluster
from meshscope.xds.message import Undecodable

_TYPES = {"NONE": "ORIGINAL_DST", "STATIC": "EDS", "DNS": "STRICT_DNS", "DNS_ROUND_ROBIN": "LOGICAL_DNS"}
"""https://istio.io/latest/docs/reference/config/networking/service-entry/#ServiceEntry-Resolution"""


def rules(value: ServiceEntry) -> Iterator[Path]:
    yield from (("spec", "hosts", index) for index in range(len(value.spec.hosts)))


def outcomes(configuration: Configuration, one: Written[ServiceEntry], client: Client) -> Iterator[Outcome]:
    scope = configuration.scope(client)
    for path, host in zip(rules(one.value), one.value.spec.hosts, strict=True):
        own = next((each for each in configuration.services.named(host) if each.location == one.item.location), None)
        if client.kind not in ("sidecar", "gateway"):
            because = f"clusters of a {client.kind} are not modelled"
            yield Outcome(path, State.UNKNOWN, because, is_meant=client.kind == "waypoint")
        elif own is None or own not in scope.exported(host):
            because = f"it is not exported to namespace {client.namespace}"
            yield Outcome(path, State.NOT_IN_EFFECT, because, is_meant=False)
        else:
            yield from _of_host(one, client, scope, own, path)


def _of_host(
    one: Written[ServiceEntry], client: Client, scope: Scope, service: MeshService, path: Path
) -> Iterator[Outcome]:
    ports = [port for port in service.ports if port.protocol.family is not Family.UDP]
    taken = [port for port in ports if scope.service(service.host, port.number) == service]
    if not taken:
        winner = scope.first(service.host)
        if winner and winner != service:
            yield Outcome(path, State.NOT_IN_EFFECT, f"{winner} has the host {service.host}")
        else:
            because = f"{scope.sidecar or 'the Sidecar'} does not import {service.host}"
            yield Outcome(path, State.NOT_IN_EFFECT, because, is_meant=False)
    for port in taken:
        yield _cluster(one, client, service, port, path)


def _cluster(one: Written[ServiceEntry], client: Client, service: MeshService, port: Port, path: Path) -> Outcome:
    name = str(ClusterName("outbound", port.number, "", service.host))
    wanted = _TYPES.get(one.value.spec.resolution, "")
    words = f"cluster {name} of type {wanted or one.value.spec.resolution}"
    resource = client.proxy.resource(CLUSTER, name)
    if resource is None:
        if not client.proxy.account.knows_all(CLUSTER):
            return Outcome(path, State.UNKNOWN, "not all clusters of the proxy were captured", expected=words)
        because = f"the proxy has no cluster {name}"
        if one.value.spec.resolution == "DNS" and one.value.spec.workload_selector:
            because += ": its workloadSelector selects no endpoint"
        return Outcome(path, State.NOT_IN_EFFECT, because, expected=words, kind=CLUSTER, name=name)
    cluster = client.proxy.read(resource, Cluster)
    if isinstance(cluster, Undecodable):
        return Outcome(path, State.UNKNOWN, f"cluster {name} does not read: {cluster.why}", expected=words)
    found = tuple(_differences(one, client, cluster, port, wanted))
    return Outcome(
        path,
        State.PARTLY if found else State.IN_EFFECT,
        "; ".join(map(str, found[:3])) or f"cluster {name}",
        expected=words,
        actual=f"cluster {name} of type {cluster.discovery_type}",
        differences=found,
        made=resource.location,
        kind=CLUSTER,
        name=name,
    )


def _differences(
    one: Written[ServiceEntry], client: Client, cluster: Cluster, port: Port, wanted: str
) -> Iterator[Difference]:
    if wanted and cluster.discovery_type != wanted:
        yield Difference("type", wanted, cluster.discovery_type)
        return
    spec = one.value.spec
    if not spec.endpoints or wanted not in ("EDS", "STRICT_DNS", "LOGICAL_DNS"):
        return
    found = endpoints_of(client.proxy, cluster.name, cluster)
    if found is None or (wanted != "EDS" and client.proxy.live_clusters is not None):
        return  # names are resolved by Envoy itself
    target = next((each.target_port for each in spec.ports if each.number == port.number), 0) or port.number
    expected = {
        f"{endpoint.address}:{endpoint.ports.get(port.name, target)}" for endpoint in spec.endpoints if endpoint.address
    }
    actual = {endpoint.address for endpoint in found}
    if expected != actual and not any(address.startswith("envoy://") for address in actual):
        yield Difference("endpoints", ", ".join(sorted(expected)), ", ".join(sorted(actual)))
