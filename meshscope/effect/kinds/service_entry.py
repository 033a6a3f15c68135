"""ServiceEntry: each of its hosts against the clusters and endpoints of the proxies that see it.

https://istio.io/latest/docs/reference/config/networking/service-entry/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from meshscope.effect.answer import Difference, State
from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.entry_places import listened_to, place_differences
from meshscope.effect.outcome import Outcome
from meshscope.effect.scope import Scope
from meshscope.effect.services import MeshService, Port
from meshscope.effect.written import Written
from meshscope.envoy.resource import CLUSTER
from meshscope.istio.labels import Labels
from meshscope.istio.names import ClusterName
from meshscope.istio.objects.service_entry import ServiceEntry
from meshscope.istio.objects.workload_entry import WorkloadEntry
from meshscope.istio.protocol import Family
from meshscope.istio.static_endpoints import refused_endpoints
from meshscope.mesh.endpoints import Endpoint, endpoints_of
from meshscope.path import Path, path_text
from meshscope.xds.cluster import Cluster
from meshscope.xds.message import Undecodable

_TYPES = {"NONE": "ORIGINAL_DST", "STATIC": "EDS", "DNS": "STRICT_DNS", "DNS_ROUND_ROBIN": "LOGICAL_DNS"}
"""https://istio.io/latest/docs/reference/config/networking/service-entry/#ServiceEntry-Resolution"""

_NOTES_LOCATION = (1, 31)
"""The first version of which it is known here that it does."""


def rules(value: ServiceEntry) -> Iterator[Path]:
    yield from (("spec", "hosts", index) for index in range(len(value.spec.hosts)))


def outcomes(configuration: Configuration, one: Written[ServiceEntry], client: Client) -> Iterator[Outcome]:
    scope = configuration.scope(client)
    refusal = _refusal(one.value)
    for path, host in zip(rules(one.value), one.value.spec.hosts, strict=True):
        own = next((each for each in configuration.services.named(host) if each.location == one.item.location), None)
        if client.kind not in ("sidecar", "gateway"):
            because = f"clusters of a {client.kind} are not modelled"
            yield Outcome(path, State.UNKNOWN, because, is_meant=client.kind == "waypoint")
        elif own is None or own not in scope.exported(host):
            because = f"it is not exported to namespace {client.namespace}"
            yield Outcome(path, State.NOT_IN_EFFECT, because, is_meant=False)
        elif refusal:
            yield Outcome(path, State.NOT_IN_EFFECT, refusal)
        else:
            yield from _of_host(configuration, one, client, scope, own, path)


def _refusal(value: ServiceEntry) -> str:
    """ "" for an object that Istio takes."""
    found = next(refused_endpoints(value.spec), None)
    return f"{path_text(found[0][1:])}: {found[1]}; Istio's validation refuses the object" if found else ""


def _of_host(  # noqa: PLR0913, PLR0917  # a host and its proxy
    configuration: Configuration,
    one: Written[ServiceEntry],
    client: Client,
    scope: Scope,
    service: MeshService,
    path: Path,
) -> Iterator[Outcome]:
    ports = [port for port in service.ports if port.protocol.family is not Family.UDP]
    taken = [port for port in ports if scope.service(service.host, port.number) == service]
    if not taken:
        winner = scope.first(service.host)
        if winner and winner != service:
            yield _without_the_host(client, service, winner, ports, path)
        else:
            because = f"{scope.sidecar or 'the Sidecar'} does not import {service.host}"
            yield Outcome(path, State.NOT_IN_EFFECT, because, is_meant=False)
    for port in taken:
        yield _cluster(configuration, one, client, service, port, path)


def _without_the_host(
    client: Client, service: MeshService, winner: MeshService, ports: Sequence[Port], path: Path
) -> Outcome:
    """Where two have one host the cluster is made of the first; their listeners, where they are not of HTTP, of both."""
    because = f"{winner} has the host {service.host}"
    found = {each: None for port in ports for each in listened_to(client, service, port)}
    own = [address for address in found if address not in winner.addresses]
    if not own:
        return Outcome(path, State.NOT_IN_EFFECT, because)
    return Outcome(path, State.PARTLY, f"{because}; of this one only the address {', '.join(own)} has a listener")


def _cluster(  # noqa: PLR0913, PLR0917  # a port and its proxy
    configuration: Configuration,
    one: Written[ServiceEntry],
    client: Client,
    service: MeshService,
    port: Port,
    path: Path,
) -> Outcome:
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
    found = (
        *_differences(configuration, one, client, service, cluster, port, wanted),
        *_of_location(configuration, service, cluster),
        *place_differences(configuration, client, service, port),
    )
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


def _differences(  # noqa: PLR0913, PLR0917  # a cluster and what it is held against
    configuration: Configuration,
    one: Written[ServiceEntry],
    client: Client,
    service: MeshService,
    cluster: Cluster,
    port: Port,
    wanted: str,
) -> Iterator[Difference]:
    if wanted and cluster.discovery_type != wanted:
        yield Difference("type", wanted, cluster.discovery_type)
        return
    if wanted in ("STRICT_DNS", "LOGICAL_DNS"):
        yield from _of_names(one, service, port, cluster)
        return
    found = endpoints_of(client.proxy, cluster.name, cluster)
    if found is None:
        return
    if any(endpoint.address.startswith("envoy://") for endpoint in found):
        return
    if one.value.spec.endpoints and wanted == "EDS":
        yield from _of_listed(one, port, found)
    elif one.value.spec.workload_selector and wanted == "EDS":
        yield from _of_selected(configuration, one, found)


def _of_location(configuration: Configuration, service: MeshService, cluster: Cluster) -> Iterator[Difference]:
    """istiod notes on a cluster that its host is outside of the mesh; since which version, only recordings tell."""
    is_noted = cluster.metadata.value("istio", "external") is True
    notes = configuration.version is not None and configuration.is_since(*_NOTES_LOCATION)
    if is_noted != service.is_external and (is_noted or notes):
        words = ("MESH_INTERNAL", "MESH_EXTERNAL")
        yield Difference("location", words[service.is_external], words[is_noted])


def _of_names(one: Written[ServiceEntry], service: MeshService, port: Port, cluster: Cluster) -> Iterator[Difference]:
    """The names that Envoy resolves, as the cluster has them: those of the endpoints, else the host itself."""
    spec, assignment = one.value.spec, cluster.load_assignment
    if assignment is None or spec.workload_selector:
        return
    target = next((each.target_port for each in spec.ports if each.number == port.number), 0) or port.number
    expected = {f"{each.address}:{each.ports.get(port.name, target)}" for each in spec.endpoints if each.address}
    hosts = [host.endpoint.address for group in assignment.endpoints for host in group.lb_endpoints]
    actual = {
        f"{host.socket_address.address}:{host.socket_address.port_value}" for host in hosts if host.socket_address
    }
    if not spec.endpoints and "*" not in service.host:
        expected = {f"{service.host}:{target}"}
    if expected and actual and expected != actual and cluster.discovery_type == "STRICT_DNS":
        yield Difference("endpoints", ", ".join(sorted(expected)), ", ".join(sorted(actual)))


def _of_listed(one: Written[ServiceEntry], port: Port, found: Sequence[Endpoint]) -> Iterator[Difference]:
    """The endpoints of the entry itself, with the weights and localities that it gives."""
    spec = one.value.spec
    target = next((each.target_port for each in spec.ports if each.number == port.number), 0) or port.number
    expected = {
        f"{endpoint.address}:{endpoint.ports.get(port.name, target)}": endpoint
        for endpoint in spec.endpoints
        if endpoint.address
    }
    actual = {endpoint.address: endpoint for endpoint in found}
    if set(expected) != set(actual):
        yield Difference("endpoints", ", ".join(sorted(expected)), ", ".join(sorted(actual)))
        return
    for address, entry in expected.items():
        if entry.weight and entry.weight != actual[address].weight:
            yield Difference(f"weight of {address}", str(entry.weight), str(actual[address].weight))
        if entry.locality and entry.locality != actual[address].locality:
            yield Difference(f"locality of {address}", entry.locality, actual[address].locality)


def _of_selected(
    configuration: Configuration, one: Written[ServiceEntry], found: Sequence[Endpoint]
) -> Iterator[Difference]:
    """Endpoints that are WorkloadEntries or pods without the labels that the selector asks for."""
    selector = one.value.spec.workload_selector
    labels = selector.labels if selector else Labels()
    known = configuration.mesh.derived(
        "workload entries by address",
        lambda: {each.value.spec.address: each for each in configuration.typed("WorkloadEntry", WorkloadEntry)},
    )
    for endpoint in found:
        entry, pod = known.get(endpoint.host), configuration.mesh.network.pod_at(endpoint.host)
        own = [entry.value.spec.labels, entry.item.labels] if entry else [pod.labels] if pod else []
        if own and not Labels.of({key: value for some in own for key, value in some}).match(labels):
            wanted = ", ".join(f"{key}={value}" for key, value in labels)
            name = str(entry) if entry else f"pod {pod.full_name}" if pod else ""
            yield Difference("endpoints", f"those with {wanted}", f"{endpoint.address} of {name}")
