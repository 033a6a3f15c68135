"""ServiceImport: the clusters of its host, `NAME.NAMESPACE.svc.clusterset.local`.

https://multicluster.sigs.k8s.io/concepts/multicluster-services-api/
"""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.effect.answer import State
from meshscope.effect.clients import Client
from meshscope.effect.cluster_set import cluster_set_host, is_there
from meshscope.effect.clusters.at_cluster import at_cluster
from meshscope.effect.configuration import Configuration
from meshscope.effect.istiod_flags import MULTI_CLUSTER_HOSTS, is_on
from meshscope.effect.outcome import Outcome
from meshscope.effect.written import Written
from meshscope.istio.gateway_api.service_import import ServiceImport
from meshscope.istio.names import ClusterName
from meshscope.istio.protocol import Family
from meshscope.path import Path

WHOLE: Path = ("spec",)
Import = Written[ServiceImport]


def rules(value: ServiceImport) -> Iterator[Path]:  # noqa: ARG001  # every kind's question
    yield WHOLE


def statics(configuration: Configuration, one: Import) -> Iterator[Outcome]:
    """What is so whatever the proxies have."""
    mesh, host = configuration.mesh, _host(one)
    if is_on(mesh, MULTI_CLUSTER_HOSTS) is False:
        because = f"istiod has no hosts of the cluster set: {MULTI_CLUSTER_HOSTS} is not true"
        yield Outcome(WHOLE, State.NOT_IN_EFFECT, because, is_meant=False)
    elif not is_there(mesh, host):
        because = f"no proxy has a cluster for {host}, and whether istiod's {MULTI_CLUSTER_HOSTS} is true is not given"
        yield Outcome(WHOLE, State.UNKNOWN, because, is_meant=False)
    elif not configuration.services.named(host):
        because = f"its Service {one.namespace}/{one.item.name} is not in this input"
        yield Outcome(WHOLE, State.UNKNOWN, because, is_meant=False)


def outcomes(configuration: Configuration, one: Import, client: Client) -> Iterator[Outcome]:
    host = _host(one)
    if not is_there(configuration.mesh, host) or client.kind not in ("sidecar", "gateway"):
        return
    for known in configuration.services.named(host):
        for port in known.ports:
            service = configuration.scope(client).service(host, port.number)
            if port.protocol.family is Family.UDP:
                continue
            if service is None:
                because = f"the proxy is not told of {host}, by exportTo or a Sidecar"
                yield Outcome(WHOLE, State.NOT_IN_EFFECT, because, is_meant=False)
            else:
                name = ClusterName("outbound", port.number, "", host)
                yield at_cluster(configuration, client, service, name, WHOLE, None)


def _host(one: Import) -> str:
    return cluster_set_host(one.item.name, one.namespace)
