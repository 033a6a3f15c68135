"""What the control plane reads to translate the Gateway API: each kind at the first question."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from meshscope.effect.cluster_set import cluster_set_host, is_there
from meshscope.effect.istiod_flags import ALPHA, is_on
from meshscope.effect.written import Written, typed
from meshscope.istio.gateway_api.backend_tls_policy import BackendTLSPolicy
from meshscope.istio.gateway_api.gateway import Gateway
from meshscope.istio.gateway_api.gateway_class import GatewayClass
from meshscope.istio.gateway_api.grpc_route import GRPCRoute
from meshscope.istio.gateway_api.http_route import HTTPRoute
from meshscope.istio.gateway_api.inference_pool import GROUP as POOLS
from meshscope.istio.gateway_api.inference_pool import InferencePool
from meshscope.istio.gateway_api.listener_set import ListenerSet
from meshscope.istio.gateway_api.reference_grant import ReferenceGrant
from meshscope.istio.gateway_api.references import EXPERIMENTAL, GROUP
from meshscope.istio.gateway_api.tcp_route import TCPRoute
from meshscope.istio.gateway_api.tls_route import TLSRoute
from meshscope.istio.gateway_api.x_backend import EXTERNAL_HOSTNAME, XBackend
from meshscope.istio.gateway_api.x_backend_traffic_policy import XBackendTrafficPolicy
from meshscope.istio.hosts import full_host
from meshscope.istio.kubernetes import decode
from meshscope.istio.labels import Labels
from meshscope.istio.objects.service_entry import ServiceEntry
from meshscope.istio.provenance import ObjectRef
from meshscope.mesh.mesh import Mesh
from meshscope.once import once

if TYPE_CHECKING:
    from meshscope.effect.ages import Ages
    from meshscope.istio.manifest import Object

BACKENDS = (1, 32)
"""The version of Istio that reads XBackends first."""
NAMESPACE_NAME = "kubernetes.io/metadata.name"
Route = HTTPRoute | GRPCRoute | TLSRoute | TCPRoute


class Sources:
    """`is_since` asks for the version of the control plane, `port_of` for the number of a service's port by host and name (0 is
    none).
    """

    def __init__(
        self, mesh: Mesh, ages: Ages, is_since: Callable[..., bool], port_of: Callable[[str, str], int]
    ) -> None:
        self.ages, self.is_since, self.port_of = ages, is_since, port_of
        self._mesh = mesh

    @once
    def gateways(self) -> tuple[Written[Gateway], ...]:
        return tuple(typed(self._mesh, self.ages, "Gateway", Gateway, GROUP))

    @once
    def _gateways_by_name(self) -> dict[tuple[str, str], Written[Gateway]]:
        return {(one.namespace, one.item.name): one for one in reversed(self.gateways)}

    def gateway(self, namespace: str, name: str) -> Written[Gateway] | None:
        return self._gateways_by_name.get((namespace, name))

    @once
    def listener_sets_by_parent(self) -> dict[tuple[str, str], list[Written[ListenerSet]]]:
        """By namespace and name of their Gateway, oldest first."""
        found: dict[tuple[str, str], list[Written[ListenerSet]]] = {}
        for one in self.listener_sets:
            ref = one.value.spec.parent_ref
            found.setdefault((ref.namespace or one.namespace, ref.name), []).append(one)
        return found

    @once
    def classes(self) -> dict[str, str]:
        """The controller of each GatewayClass."""
        found = typed(self._mesh, self.ages, "GatewayClass", GatewayClass, GROUP)
        return {one.item.name: one.value.spec.controller_name for one in found}

    @once
    def listener_sets(self) -> tuple[Written[ListenerSet], ...]:
        """Before Istio 1.30 they were experimental, with another name."""
        return (
            *typed(self._mesh, self.ages, "ListenerSet", ListenerSet, GROUP),
            *typed(self._mesh, self.ages, "XListenerSet", ListenerSet, EXPERIMENTAL),
        )

    @once
    def grants(self) -> tuple[Written[ReferenceGrant], ...]:
        return tuple(typed(self._mesh, self.ages, "ReferenceGrant", ReferenceGrant, GROUP))

    @once
    def http_routes(self) -> tuple[Written[HTTPRoute | GRPCRoute], ...]:
        """Those of both kinds in the order in which istiod merges them: by age, then by namespace and name."""
        found: list[Written[HTTPRoute | GRPCRoute]] = []
        found += typed(self._mesh, self.ages, "HTTPRoute", HTTPRoute, GROUP)
        if self.is_since(1, 20):
            found += typed(self._mesh, self.ages, "GRPCRoute", GRPCRoute, GROUP)
        return tuple(sorted(found, key=lambda one: (self.ages.of(one.item), one.namespace, one.item.name)))

    @once
    def backend_tls_policies(self) -> tuple[Written[BackendTLSPolicy], ...]:
        """By age, then by namespace and name."""
        found = typed(self._mesh, self.ages, "BackendTLSPolicy", BackendTLSPolicy, GROUP)
        return tuple(sorted(found, key=lambda one: (self.ages.of(one.item), one.namespace, one.item.name)))

    @once
    def backend_traffic_policies(self) -> tuple[Written[XBackendTrafficPolicy], ...]:
        """By age, then by namespace and name."""
        found = typed(self._mesh, self.ages, "XBackendTrafficPolicy", XBackendTrafficPolicy, EXPERIMENTAL)
        return tuple(sorted(found, key=lambda one: (self.ages.of(one.item), one.namespace, one.item.name)))

    @once
    def backends(self) -> tuple[Written[XBackend], ...]:
        """Of a type that istiod knows."""
        found = tuple(typed(self._mesh, self.ages, "XBackend", XBackend, EXPERIMENTAL))
        if not found or not self.is_since(*BACKENDS) or self.is_off(ALPHA):
            return ()
        return tuple(
            one
            for one in found
            if one.value.spec.type == EXTERNAL_HOSTNAME and one.value.spec.external_hostname is not None
        )

    @once
    def _pools(self) -> dict[tuple[str, str], Written[InferencePool]]:
        found = typed(self._mesh, self.ages, "InferencePool", InferencePool, POOLS)
        return {(one.namespace, one.item.name): one for one in found}

    def pool(self, namespace: str, name: str) -> Written[InferencePool] | None:
        return self._pools.get((namespace, name))

    def is_off(self, *flags: str) -> bool:
        """Whether none of these flags of istiod, which are off by default, is on, as far as its Deployment is there."""
        return is_on(self._mesh, *flags) is False

    def host_of_import(self, name: str, namespace: str) -> str:
        """Without hosts of the cluster set it is the Service of that name, whose endpoints are in several clusters anyway."""
        host = cluster_set_host(name, namespace)
        return host if is_there(self._mesh, host) else full_host(name, namespace)

    def backend(self, namespace: str, name: str) -> Written[XBackend] | None:
        return next((one for one in self.backends if (one.namespace, one.item.name) == (namespace, name)), None)

    @once
    def tls_routes(self) -> tuple[Written[TLSRoute], ...]:
        return tuple(typed(self._mesh, self.ages, "TLSRoute", TLSRoute, GROUP))

    @once
    def tcp_routes(self) -> tuple[Written[TCPRoute], ...]:
        return tuple(typed(self._mesh, self.ages, "TCPRoute", TCPRoute, GROUP))

    @once
    def labelled_namespaces(self) -> frozenset[str]:
        """Those whose labels are in the input."""
        return frozenset(item.name for item in self._mesh.objects_of("Namespace", ""))

    @once
    def namespaces(self) -> dict[str, Labels]:
        """With the label that Kubernetes gives each of them; of those that objects alone name it is the only one known."""
        found = {item.namespace: Labels() for item in self._mesh.objects if item.namespace}
        found |= {item.name: item.labels for item in self._mesh.objects_of("Namespace", "")}
        return {
            name: labels if labels.has(NAMESPACE_NAME) else Labels.of({**dict(labels), NAMESPACE_NAME: name})
            for name, labels in found.items()
        }

    def named(self, kind: str, group: str, namespace: str, name: str) -> Object | None:
        """A namespace that a manifest leaves out is `default`."""
        places = (namespace, "") if namespace == "default" else (namespace,)
        found = (self._mesh.objects_by.named(ObjectRef(group, kind, place, name)) for place in places)
        return next((one for one in found if one is not None), None)

    def service_entry_hosts(self, namespace: str, name: str) -> tuple[str, ...]:
        """None for a ServiceEntry that does not exist or does not read."""
        item = self.named("ServiceEntry", "networking.istio.io", namespace, name)
        value = decode(item, ServiceEntry) if item else None
        return value.spec.hosts if isinstance(value, ServiceEntry) else ()
