"""WorkloadEntry: whether it is an endpoint of the ServiceEntries that select it.

https://istio.io/latest/docs/reference/config/networking/workload-entry/
"""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.effect.answer import State
from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.outcome import Outcome
from meshscope.effect.services import MeshService
from meshscope.effect.written import Written
from meshscope.envoy.resource import CLUSTER
from meshscope.istio.labels import Labels
from meshscope.istio.names import ClusterName
from meshscope.istio.objects.workload_entry import WorkloadEntry
from meshscope.istio.protocol import Family
from meshscope.mesh.endpoints import endpoints_of
from meshscope.path import Path
from meshscope.xds.cluster import Cluster

WHOLE: Path = ("spec",)


def rules(value: WorkloadEntry) -> Iterator[Path]:
    del value
    yield WHOLE


def outcomes(configuration: Configuration, one: Written[WorkloadEntry], client: Client) -> Iterator[Outcome]:
    labels = Labels(sorted({**dict(one.value.spec.labels), **dict(one.item.labels)}.items()))
    selecting = [
        service
        for service in configuration.services.all
        if service.namespace == one.namespace and service.selector and labels.match(service.selector)
    ]
    if not selecting:
        because = f"no ServiceEntry or Service of namespace {one.namespace} selects it"
        yield Outcome(WHOLE, State.NOT_IN_EFFECT, because)
        return
    if client.kind not in ("sidecar", "gateway"):
        yield Outcome(WHOLE, State.UNKNOWN, f"clusters of a {client.kind} are not modelled", is_meant=False)
        return
    scope = configuration.scope(client)
    for service in selecting:
        for port in service.ports:
            if port.protocol.family is not Family.UDP and scope.service(service.host, port.number) == service:
                yield _endpoint(one, client, service, port.number)
    if not any(service in scope.within(service.host) for service in selecting):
        yield Outcome(WHOLE, State.NOT_IN_EFFECT, f"the proxy is not told of {selecting[0]}", is_meant=False)


def _endpoint(one: Written[WorkloadEntry], client: Client, service: MeshService, port: int) -> Outcome:
    name, address = str(ClusterName("outbound", port, "", service.host)), one.value.spec.address
    words = f"endpoint {address} in cluster {name}"
    resource = client.proxy.resource(CLUSTER, name)
    cluster = client.proxy.read(resource, Cluster) if resource else None
    if resource is None or not isinstance(cluster, Cluster):
        known = client.proxy.account.knows_all(CLUSTER) and cluster is None
        state = State.NOT_IN_EFFECT if known else State.UNKNOWN
        because = f"the proxy has no cluster {name}" if known else f"cluster {name} was not captured, or does not read"
        return Outcome(WHOLE, state, because, expected=words, kind=CLUSTER, name=name)
    found = endpoints_of(client.proxy, name, cluster)
    if found is None:
        return Outcome(WHOLE, State.UNKNOWN, "the proxy's endpoints were not captured", expected=words)
    same = next((endpoint for endpoint in found if address in (endpoint.host, endpoint.hostname)), None)
    if same is None:
        because = (
            f"cluster {name} has no endpoint {address}: it may be unhealthy, or of a network that others stand for"
        )
        return Outcome(WHOLE, State.NOT_IN_EFFECT, because, expected=words)
    return Outcome(WHOLE, State.IN_EFFECT, words, expected=words, actual=same.address, made=same.location)
