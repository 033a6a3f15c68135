"""The endpoints of a port of a service: pods, WorkloadEntries, and those that a ServiceEntry lists itself.

https://github.com/istio/istio/blob/master/pilot/pkg/xds/endpoints/endpoint_builder.go
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct

from meshscope.effect.configuration import Configuration
from meshscope.effect.kinds.peer_authentication import all_policies
from meshscope.effect.services import EXTERNAL, KUBERNETES, MeshService
from meshscope.effect.written import Written
from meshscope.istio.hosts import is_address
from meshscope.istio.labels import Labels
from meshscope.istio.objects.service_entry import ServiceEntry
from meshscope.istio.objects.workload import WorkloadEntrySpec
from meshscope.istio.objects.workload_entry import WorkloadEntry
from meshscope.istio.peer_authentication import chosen, modes
from meshscope.mesh.network.facts import PodFact, PortFact
from meshscope.mesh.network.network import target_port
from meshscope.overlay.draft import Json
from meshscope.overlay.services.not_exact import NotExactError
from meshscope.overlay.services.told import Told

_TLS_MODE = "security.istio.io/tlsMode"
_DNS = ("DNS", "DNS_ROUND_ROBIN")


class Backend(Struct, frozen=True):
    """`account` is the service account as a SPIFFE path, "" for none; `locality` is `region/zone/sub-zone`, None where it is
    that of a pod's node. `workload` is what istiod notes of it: name, namespace, canonical name, revision; () where that is
    the name of a controller.
    """

    address: str
    port: int
    weight: int = 1
    locality: str | None = ""
    is_mutual: bool = False
    account: str = ""
    workload: tuple[str, ...] = ()


def entry_of(configuration: Configuration, service: MeshService) -> Written[ServiceEntry] | None:
    if service.registry != EXTERNAL:
        return None
    entries = configuration.typed("ServiceEntry", ServiceEntry)
    return next((one for one in entries if (one.namespace, one.item.name) == (service.namespace, service.name)), None)


def backends_of(configuration: Configuration, one: Told, *, by_selector: bool = False) -> tuple[Backend, ...]:
    """`by_selector`: the lists of the cluster are of another selector, or of other ports. Raises NotExactError."""
    service = one.service
    if service.registry == KUBERNETES:
        return tuple(_of_pods(configuration, one, by_selector=by_selector))
    entry = entry_of(configuration, service)
    if entry is None:
        raise NotExactError(f"{service} is known from istiod's registry alone")
    spec = entry.value.spec
    target = next((port.target_port for port in spec.ports if port.number == one.port.number), 0) or one.port.number
    listed = [
        _of_entry(configuration, entry.namespace, f"{entry.item.name}-{number}", each, each.labels, one, target)
        for number, each in enumerate(spec.endpoints)
    ]
    if spec.workload_selector:
        labels = spec.workload_selector.labels
        for each in configuration.typed("WorkloadEntry", WorkloadEntry):
            own = Labels(sorted({**dict(each.value.spec.labels), **dict(each.item.labels)}.items()))
            if each.namespace == entry.namespace and own.match(labels):
                listed.append(
                    _of_entry(configuration, each.namespace, each.item.name, each.value.spec, own, one, target)
                )
        pods = (pod for pod in configuration.mesh.network.pods if pod.namespace == entry.namespace and pod.ips)
        listed += [_of_pod(configuration, pod, pod.ips[0], target) for pod in pods if pod.labels.match(labels)]
    if service.resolution in _DNS and not listed and not spec.workload_selector:
        workload = entry.item.name, entry.namespace, entry.item.name, ""
        listed = [Backend(service.host, target, workload=workload)]
    if service.resolution == "STATIC":
        listed = [each for each in listed if is_address(each.address)]
    return tuple(dict.fromkeys(listed[:1] if service.resolution == "DNS_ROUND_ROBIN" else listed))


def _of_entry(  # noqa: PLR0913, PLR0917  # what one entry says
    configuration: Configuration,
    namespace: str,
    name: str,
    spec: WorkloadEntrySpec,
    labels: Labels,
    one: Told,
    target: int,
) -> Backend:
    said = dict(labels)
    if spec.network:
        raise NotExactError("endpoints of other networks are not rebuilt")
    if spec.address.startswith("unix:"):
        raise NotExactError("endpoints that are sockets are not rebuilt")
    port = spec.ports.get(one.port.name, target)
    takes_tls = bool(spec.service_account) or said.get(_TLS_MODE) == "istio"
    return Backend(
        spec.address,
        port,
        spec.weight or 1,
        spec.locality,
        is_mutual=takes_tls and not _takes_no_tls(configuration, namespace, labels, port),
        account=f"ns/{namespace}/sa/{spec.service_account}" if spec.service_account else "",
        workload=_identity(name, namespace, labels),
    )


def _identity(name: str, namespace: str, labels: Labels) -> tuple[str, ...]:
    """https://istio.io/latest/docs/reference/config/labels/ (canonical name and revision)"""
    said = dict(labels)
    canonical = said.get("service.istio.io/canonical-name") or said.get("app") or name
    revision = said.get("service.istio.io/canonical-revision") or said.get("version") or ""
    return name, namespace, canonical, revision


def _takes_no_tls(configuration: Configuration, namespace: str, labels: Labels, port: int) -> bool:
    """Whether a PeerAuthentication says DISABLE of the port of a workload."""
    policies = chosen(all_policies(configuration), namespace, labels, configuration.settings.root_namespace)
    return next((one.mode for one in modes(policies, port)), "") == "DISABLE"


def _of_pods(configuration: Configuration, one: Told, *, by_selector: bool) -> Iterator[Backend]:
    network = configuration.mesh.network
    service = network.service_named(one.service.host)
    port = service.port(one.port.number) if service else None
    if service is None or port is None:
        raise NotExactError(f"{one.service} is known from istiod's registry alone")
    if by_selector:
        yield from _selected(configuration, network.pods, one.service, port)
        return
    found = network.backends(service, port)
    if found is None:
        raise NotExactError(f"nothing tells which endpoints {one.service} has")
    for each in found:
        pod = network.pod_named(each.pod) if each.pod else None
        yield _of_pod(configuration, pod, each.ip, each.port) if pod else Backend(each.ip, each.port, locality=None)


def _selected(
    configuration: Configuration, pods: Iterable[PodFact], service: MeshService, port: PortFact
) -> Iterator[Backend]:
    if not service.selector:
        raise NotExactError("which endpoints it has is not in the Service")
    for pod in pods:
        is_one = pod.namespace == service.namespace and pod.labels.match(service.selector)
        if is_one and pod.ips and (target := target_port(port, pod)):
            yield _of_pod(configuration, pod, pod.ips[0], target)


def _of_pod(configuration: Configuration, pod: PodFact, address: str, port: int) -> Backend:
    account = f"ns/{pod.namespace}/sa/{pod.service_account or 'default'}"
    takes_tls = dict(pod.labels).get(_TLS_MODE) == "istio"
    is_mutual = takes_tls and not _takes_no_tls(configuration, pod.namespace, pod.labels, port)
    workload = () if pod.workload else _identity(pod.name, pod.namespace, pod.labels)
    return Backend(address, port, locality=None, is_mutual=is_mutual, account=account, workload=workload)


def assignment(name: str, backends: Iterable[Backend], known: Iterable[Json]) -> Json:
    """A ClusterLoadAssignment. `known` are those of the proxy, which tell the locality of a pod, and what istiod notes of an
    address. Raises NotExactError.
    """
    found = [each for one in known for each in _endpoints(one)]
    seen = {address: (group, each) for group, each, address in found}
    cluster = next((noted[-1] for _, each, _ in found if (noted := _noted(each))), "Kubernetes")
    groups: dict[tuple[str, ...], list[Json]] = {}
    for backend in backends:
        group, like = seen.get(backend.address, ({}, {}))
        if backend.locality is not None:
            place = tuple(part for part in backend.locality.split("/") if part)
        elif like:
            place = tuple((group.get("locality") or {}).get(key, "") for key in ("region", "zone", "sub_zone"))
        else:
            place = ()
        while place and not place[-1]:
            place = place[:-1]
        groups.setdefault(place, []).append(_endpoint(backend, like, cluster))
    made = []
    for place in sorted(groups):
        locality = dict(zip(("region", "zone", "sub_zone"), place, strict=False))
        weight = sum(each["load_balancing_weight"] for each in groups[place])
        made.append({"locality": locality, "lb_endpoints": groups[place], "load_balancing_weight": weight})
    return {"cluster_name": name, "endpoints": made}


def unplaced(backends: Iterable[Backend], known: Iterable[Json]) -> str:
    """The address of a pod whose locality no assignment tells, "" for none."""
    seen = {address for one in known for _, _, address in _endpoints(one)}
    return next((each.address for each in backends if each.locality is None and each.address not in seen), "")


def _noted(endpoint: Json) -> list[str]:
    """istiod's note of a workload, whose last part is its cluster."""
    text = (endpoint.get("metadata") or {}).get("filter_metadata", {}).get("istio", {}).get("workload", "")
    return text.split(";") if isinstance(text, str) and text else []


def _endpoint(backend: Backend, like: Json, cluster: str) -> Json:
    socket = {"address": backend.address, "port_value": backend.port}
    endpoint: dict[str, Any] = {
        "endpoint": {"address": {"socket_address": socket}},
        "health_status": "HEALTHY",
        "load_balancing_weight": backend.weight,
    }
    metadata = copy.deepcopy((like or {}).get("metadata", {}).get("filter_metadata", {}))
    metadata.pop("envoy.transport_socket_match", None)
    if backend.workload and (backend.locality is not None or "istio" not in metadata):
        metadata["istio"] = {"workload": ";".join((*backend.workload, cluster))}
    if backend.is_mutual:
        metadata["envoy.transport_socket_match"] = {"tlsMode": "istio"}
    return {**endpoint, "metadata": {"filter_metadata": metadata}} if metadata else endpoint


def _endpoints(body: Json) -> Iterator[tuple[Json, Json, str]]:
    for group in body.get("endpoints", ()):
        for each in group.get("lb_endpoints", ()):
            socket = each.get("endpoint", {}).get("address", {}).get("socket_address", {})
            if address := socket.get("address"):
                yield group, each, address
