"""Ambient mode: which pods ztunnel captures, and which waypoint a service or a workload has.

What a ztunnel's dump says is in effect; where none was captured, the labels of the manifests decide as istiod does.
https://istio.io/latest/docs/ambient/architecture/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from meshscope.istio.gateway_api.gateway import Gateway
from meshscope.istio.kubernetes import decode
from meshscope.istio.kubernetes.metadata import Condition
from meshscope.istio.labels import Labels
from meshscope.istio.manifest import Object
from meshscope.istio.provenance import ObjectRef
from meshscope.istio.waypoint import (
    DATAPLANE_MODE,
    GATEWAY_API,
    GATEWAY_NAME,
    REDIRECTION,
    SERVICE,
    WAYPOINT_FOR,
    WORKLOAD,
    NamedWaypoint,
    admits,
    named_waypoint,
    serves,
)
from meshscope.location import Location
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.network.facts import SERVICE_ENTRY, PodFact, ServiceHost
from meshscope.mesh.proxy import Proxy
from meshscope.snapshot.snapshot import Problem

if TYPE_CHECKING:
    from meshscope.istio.debug.ztunnel import WeightedWaypoint

INJECTED = "sidecar.istio.io/status"
"""The annotation of a pod with a sidecar, which ztunnel leaves alone."""
BOUND = "istio.io/WaypointBound"
"""The condition of a Service that says whether its waypoint is in use."""


class Waypoint(Struct, frozen=True, kw_only=True, eq=False):
    """A waypoint in use. `because` says what names it; `proxies` are its Envoys, () where none was captured.

    `weight` is its share beside other waypoints of the same service. `data_plane` is what runs it if that is known not to be
    Istio's Envoy, else "".
    """

    namespace: str
    name: str
    because: str
    proxies: tuple[Proxy, ...]
    location: Location | None = None
    weight: int = 1
    data_plane: str = ""

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


class _Status(Struct, frozen=True):
    conditions: tuple[Condition, ...] = ()


class _WithStatus(Struct, frozen=True):
    status: _Status = _Status()


class Ambient:
    def __init__(self, mesh: Mesh) -> None:
        self._mesh, self._network = mesh, mesh.network
        self._ztunnels = mesh.network.ztunnels
        self._sidecars = {proxy.name for proxy in mesh.proxies}

    # --- capture ---------------------------------------------------------------------------------------------------

    def captured(self, pod: PodFact) -> str:
        """Why ztunnel captures a pod's traffic; "" where it does not."""
        if pod.host_network or pod.full_name in self._sidecars:
            return ""
        known = self._ztunnels.workloads.get((pod.namespace, pod.name)) if self._ztunnels else None
        if known is not None:
            return "HBONE in a ztunnel's dump" if known[0].protocol == "HBONE" else ""
        if redirection := pod.annotations.get(REDIRECTION):
            return f"annotation {REDIRECTION}: enabled" if redirection == "enabled" else ""
        return "" if pod.annotations.has(INJECTED) else self._enrolled(pod)

    def _enrolled(self, pod: PodFact) -> str:
        """The label that asks for capture: the pod's own, else its namespace's."""
        if mode := pod.labels.get(DATAPLANE_MODE):
            return f"label {DATAPLANE_MODE}: ambient" if mode == "ambient" else ""
        if self._namespace_labels(pod.namespace).get(DATAPLANE_MODE) == "ambient":
            return f"Namespace {pod.namespace} has {DATAPLANE_MODE}: ambient"
        return ""

    def policies_on(self, pod: PodFact) -> tuple[str, ...]:
        """The policies that ztunnels are told to enforce on a pod, as `namespace/name`; () where no ztunnel was captured."""
        return self._ztunnels.policies_on(pod.namespace, pod.name) if self._ztunnels else ()

    def identity(self, pod: PodFact, trust_domain: str) -> str:
        """The SPIFFE identity with which ztunnel sends for a pod; in `trust_domain` where no ztunnel names one."""
        known = self._ztunnels.workloads.get((pod.namespace, pod.name)) if self._ztunnels else None
        domain = (known[0].trust_domain if known else "") or trust_domain
        return f"spiffe://{domain}/ns/{pod.namespace}/sa/{pod.service_account or 'default'}"

    # --- waypoints -------------------------------------------------------------------------------------------------

    def waypoints_of_service(self, service: ServiceHost) -> tuple[Waypoint, ...]:
        """The waypoints through which a service is reached, with their weights; () without one."""
        known = self._ztunnels.services.get((service.namespace, service.name)) if self._ztunnels else None
        if known is not None:
            entry, location = known
            weighted = tuple(one for one in entry.weighted_waypoints if one.weight)
            if weighted:
                return tuple(self._of_dump(_address(one), location, one.weight) for one in weighted)
            return (self._of_dump(entry.waypoint.destination, location),) if entry.waypoint else ()
        kind = "ServiceEntry" if service.source == SERVICE_ENTRY else "Service"
        group = "networking.istio.io" if kind == "ServiceEntry" else ""
        item = self._object(group, kind, service.namespace, service.name)
        if item is None or item.labels.has(GATEWAY_NAME) or service.selector.has(GATEWAY_NAME):
            return ()
        if _is_unbound(item):
            return ()
        return self._by_labels(kind, item.namespace or "default", item.name, item.labels, SERVICE)

    def waypoints_of_workload(self, pod: PodFact) -> tuple[Waypoint, ...]:
        """The waypoint through which a pod's own address is reached."""
        known = self._ztunnels.workloads.get((pod.namespace, pod.name)) if self._ztunnels else None
        if known is not None:
            workload, location = known
            return (self._of_dump(workload.waypoint.destination, location),) if workload.waypoint else ()
        if pod.labels.has(GATEWAY_NAME) or not self.captured(pod):
            return ()
        return self._by_labels("Pod", pod.namespace, pod.name, pod.labels, WORKLOAD)

    def _by_labels(self, kind: str, namespace: str, name: str, own: Labels, what: str) -> tuple[Waypoint, ...]:
        around = self._namespace_labels(namespace)
        found = named_waypoint(kind, name, namespace, own, around)
        if found is None:
            return ()
        item = self._object(GATEWAY_API, "Gateway", found.namespace, found.name)
        gateway = decode(item, Gateway) if item else None
        if item and isinstance(gateway, Gateway):
            if not admits(gateway, found.namespace, namespace, around):
                return ()
            if not serves(item.labels.get(WAYPOINT_FOR) or self._class_for(gateway), what):
                return ()
        return (self._named(found, item, gateway),)

    def _class_for(self, gateway: Gateway) -> str:
        item = self._object(GATEWAY_API, "GatewayClass", "", gateway.spec.gateway_class_name)
        return item.labels.get(WAYPOINT_FOR) if item else ""

    def _named(self, found: NamedWaypoint, item: Object | None, gateway: Gateway | Problem | None) -> Waypoint:
        class_name = gateway.spec.gateway_class_name if isinstance(gateway, Gateway) else ""
        pods = [pod for pod in self._network.pods if (pod.namespace, _gateway(pod)) == (found.namespace, found.name)]
        plane = next((pod.data_plane for pod in pods if pod.data_plane), "")
        return Waypoint(
            namespace=found.namespace,
            name=found.name,
            because=f"{found.label_of} has istio.io/use-waypoint: {found.name}",
            proxies=tuple(self._proxies_of(found.namespace, found.name)),
            location=item.location if item else None,
            data_plane=plane or ("agentgateway" if "agentgateway" in class_name else ""),
        )

    def _of_dump(self, destination: str, location: Location, weight: int = 1) -> Waypoint:
        """`namespace/hostname` or `network/IP`, as ztunnels write it."""
        first, _, second = destination.partition("/")
        service = self._network.service_at(second) or self._network.service_named(second)
        pod = None if service else self._network.pod_at(second)
        namespace = service.namespace if service else pod.namespace if pod else first
        name = service.name if service else (_gateway(pod) or pod.workload) if pod else second.partition(".")[0]
        backing = (
            {b.pod for port in service.ports for b in self._network.backends(service, port) or ()} if service else set()
        )
        proxies = tuple(
            proxy for proxy in self._mesh.proxies if proxy.name in backing or (pod and proxy.name == pod.full_name)
        )
        return Waypoint(
            namespace=namespace,
            name=name,
            because=f"a ztunnel's dump names waypoint {destination}",
            proxies=proxies or tuple(self._proxies_of(namespace, name)),
            location=location,
            weight=weight,
        )

    def _proxies_of(self, namespace: str, name: str) -> Iterator[Proxy]:
        """The waypoint Envoys that a Gateway runs: by their label, else by their workload's name."""
        for proxy in self._mesh.proxies:
            if proxy.id.namespace != namespace or self._mesh.kind_of(proxy) != "waypoint":
                continue
            pod = self._network.pod_named(proxy.name)
            label = proxy.node.label(GATEWAY_NAME) if proxy.node else ""
            if name == (label or (_gateway(pod) if pod else "") or proxy.workload):
                yield proxy

    # --- look-ups --------------------------------------------------------------------------------------------------

    def _object(self, group: str, kind: str, namespace: str, name: str) -> Object | None:
        objects = self._mesh.objects_by
        found = objects.named(ObjectRef(group, kind, namespace, name))
        return found or (objects.named(ObjectRef(group, kind, "", name)) if namespace == "default" else None)

    def _namespace_labels(self, namespace: str) -> Labels:
        item = self._object("", "Namespace", "", namespace)
        return item.labels if item else Labels()


def ambient_of(mesh: Mesh) -> Ambient:
    """Worked out once for a mesh."""
    return mesh.derived("ambient", lambda: Ambient(mesh))


def _gateway(pod: PodFact) -> str:
    """The Gateway whose data plane a pod is; "" for every other pod."""
    return pod.labels.get(GATEWAY_NAME)


def _address(waypoint: WeightedWaypoint) -> str:
    one = waypoint.destination
    return one if isinstance(one, str) else one.destination


def _is_unbound(item: Object) -> bool:
    """Whether istiod says of a service that its waypoint is not in use."""
    status = decode(item, _WithStatus)
    if isinstance(status, Problem):
        return False
    return any(one.type == BOUND and one.status == "False" for one in status.status.conditions)
