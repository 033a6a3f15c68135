"""What kubectl computes for its columns of Kubernetes' kinds (kubernetes/pkg/printers/internalversion/printers.go)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from meshscope.istio.kinds.columns import Cell, Column, values_at
from meshscope.istio.kubernetes import Endpoints, EndpointSlice, Node, Pod, Service, decode
from meshscope.istio.kubernetes.pod import ContainerStatus
from meshscope.istio.manifest import Object
from meshscope.snapshot.snapshot import Problem

K = TypeVar("K", Service, Pod, EndpointSlice, Endpoints, Node)


def of(type_: type[K], compute: Callable[[K], Cell]) -> Callable[[Object], Cell]:
    """A function of a typed object as one of an object; None where the object does not decode."""

    def cell(object_: Object) -> Cell:
        found = decode(object_, type_)
        return None if isinstance(found, Problem) else compute(found)

    return cell


def cluster_ip(service: Service) -> Cell:
    return service.spec.cluster_ip or None


def external_ip(service: Service) -> Cell:
    """None without one; `<pending>` for a load balancer that has no address yet."""
    spec = service.spec
    if spec.type == "ExternalName":
        return spec.external_name
    if spec.type == "LoadBalancer":
        return ",".join(service.outside_addresses) or "<pending>"
    return ",".join(spec.external_ips) or None


def service_ports(service: Service) -> Cell:
    """`80:30080/TCP` with a node port, else `80/TCP`."""
    ports = service.spec.ports
    return tuple(f"{port.port}{f':{port.node_port}' if port.node_port else ''}/{port.protocol}" for port in ports)


def pod_ready(pod: Pod) -> Cell:
    """Ready containers of all, native sidecars among them."""
    sidecars = {container.name for container in pod.spec.init_containers if container.restart_policy == "Always"}
    running = pod.status.container_statuses + tuple(s for s in pod.status.init_container_statuses if s.name in sidecars)
    return f"{sum(status.ready for status in running)}/{len(pod.spec.containers) + len(sidecars)}"


def pod_restarts(pod: Pod) -> Cell:
    return sum(status.restart_count for status in pod.status.container_statuses)


def pod_status(pod: Pod) -> Cell:
    """The phase, or the reason why it is not what it should be; None where the text has no status."""
    status = pod.status
    if pod.metadata.deletion_timestamp:
        return "Terminating"
    if initialising := _initialising(pod):
        return initialising
    reasons = [_reason(container) for container in reversed(status.container_statuses)]
    return next((reason for reason in reversed(reasons) if reason), status.reason or status.phase or None)


def _initialising(pod: Pod) -> str:
    """`Init:1/2` or `Init:CrashLoopBackOff` while an init container holds the pod up."""
    sidecars = {container.name for container in pod.spec.init_containers if container.restart_policy == "Always"}
    for index, status in enumerate(pod.status.init_container_statuses):
        state = status.state
        if state.terminated and state.terminated.exit_code == 0:
            continue
        if status.name in sidecars and status.started:
            continue
        if state.terminated or (state.waiting and state.waiting.reason not in ("", "PodInitializing")):
            return f"Init:{_reason(status)}"
        return f"Init:{index}/{len(pod.spec.init_containers)}"
    return ""


def _reason(status: ContainerStatus) -> str:
    waiting, ended = status.state.waiting, status.state.terminated
    if waiting and waiting.reason:
        return waiting.reason
    if not ended:
        return ""
    return ended.reason or (f"Signal:{ended.signal}" if ended.signal else f"ExitCode:{ended.exit_code}")


def node_status(node: Node) -> Cell:
    ready = next((condition.status for condition in node.status.conditions if condition.type == "Ready"), "")
    word = {"True": "Ready", "": "Unknown"}.get(ready, "NotReady")
    return f"{word},SchedulingDisabled" if node.spec.unschedulable else word


def node_roles(node: Node) -> Cell:
    prefix = "node-role.kubernetes.io/"
    return tuple(key.removeprefix(prefix) for key, _ in node.metadata.labels if key.startswith(prefix))


def slice_ports(endpoints: EndpointSlice) -> Cell:
    return tuple(str(port.port) if port.port else "*" for port in endpoints.ports)


def slice_addresses(endpoints: EndpointSlice) -> Cell:
    return tuple(address for endpoint in endpoints.endpoints for address in endpoint.addresses)


def endpoint_addresses(endpoints: Endpoints) -> Cell:
    return tuple(
        f"[{address.ip}]:{port.port}" if ":" in address.ip else f"{address.ip}:{port.port}"
        for subset in endpoints.subsets
        for port in subset.ports
        for address in subset.addresses
    )


def ingress_hosts(object_: Object) -> Cell:
    hosts = Column("HOSTS", ("spec", "rules", "*", "host")).cell(object_)
    return hosts or ("*",)


def ingress_addresses(object_: Object) -> Cell:
    status = decode(object_, Service)
    return None if isinstance(status, Problem) else status.balancer_addresses


def ingress_ports(object_: Object) -> Cell:
    return ("80", "443") if values_at(object_.body, ("spec", "tls")) else ("80",)


def job_status(object_: Object) -> Cell:
    """The condition that ended it, else Running."""
    for type_ in ("Complete", "Failed", "Suspended"):
        if Column("", ("status", "conditions", f"type={type_}", "status")).cell(object_) == "True":
            return type_
    return "Running"
