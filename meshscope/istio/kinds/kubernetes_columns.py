"""The columns that kubectl computes for Kubernetes' kinds (kubernetes/pkg/printers/internalversion/printers.go)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from meshscope.istio.kinds.columns import ObjectCell, PrinterColumn, values_at
from meshscope.istio.kubernetes import decode
from meshscope.istio.kubernetes.endpoints import Endpoints, EndpointSlice
from meshscope.istio.kubernetes.node import KubernetesNode
from meshscope.istio.kubernetes.pod import ContainerStatus, Pod
from meshscope.istio.kubernetes.service import Service
from meshscope.istio.manifest import Object
from meshscope.snapshot.snapshot import Problem

K = TypeVar("K", Service, Pod, EndpointSlice, Endpoints, KubernetesNode)


def of(type_: type[K], compute: Callable[[K], ObjectCell]) -> Callable[[Object], ObjectCell]:
    """Turns a function of a typed object into one of an Object, which gives None for an object that does not decode."""

    def cell(object_: Object) -> ObjectCell:
        typed = decode(object_, type_)
        return None if isinstance(typed, Problem) else compute(typed)

    return cell


def cluster_ip(service: Service) -> ObjectCell:
    return service.spec.cluster_ip or None


def external_ip(service: Service) -> ObjectCell:
    """None for a service without one; `<pending>` for a load balancer without an address yet."""
    spec = service.spec
    if spec.type == "ExternalName":
        return spec.external_name
    if spec.type == "LoadBalancer":
        return ",".join(service.outside_addresses) or "<pending>"
    return ",".join(spec.external_ips) or None


def service_ports(service: Service) -> ObjectCell:
    """`80:30080/TCP` with a node port, else `80/TCP`."""
    ports = service.spec.ports
    return tuple(f"{port.port}{f':{port.node_port}' if port.node_port else ''}/{port.protocol}" for port in ports)


def pod_ready(pod: Pod) -> ObjectCell:
    """`ready/all` containers, including native sidecars."""
    sidecars = {container.name for container in pod.spec.init_containers if container.restart_policy == "Always"}
    running = pod.status.container_statuses + tuple(s for s in pod.status.init_container_statuses if s.name in sidecars)
    return f"{sum(status.ready for status in running)}/{len(pod.spec.containers) + len(sidecars)}"


def pod_restarts(pod: Pod) -> ObjectCell:
    return sum(status.restart_count for status in pod.status.container_statuses)


def pod_status(pod: Pod) -> ObjectCell:
    """The phase, or the reason of a failure; None if the manifest has no status."""
    status = pod.status
    if pod.metadata.deletion_timestamp:
        return "Terminating"
    if initialising := _initialising(pod):
        return initialising
    reasons = [_reason(container) for container in reversed(status.container_statuses)]
    return next((reason for reason in reversed(reasons) if reason), status.reason or status.phase or None)


def _initialising(pod: Pod) -> str:
    """`Init:1/2` or `Init:CrashLoopBackOff` while the pod waits for an init container; else ""."""
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
    waiting, terminated = status.state.waiting, status.state.terminated
    if waiting and waiting.reason:
        return waiting.reason
    if not terminated:
        return ""
    return terminated.reason or (
        f"Signal:{terminated.signal}" if terminated.signal else f"ExitCode:{terminated.exit_code}"
    )


def node_status(node: KubernetesNode) -> ObjectCell:
    ready = next((condition.status for condition in node.status.conditions if condition.type == "Ready"), "")
    word = {"True": "Ready", "": "Unknown"}.get(ready, "NotReady")
    return f"{word},SchedulingDisabled" if node.spec.unschedulable else word


def node_roles(node: KubernetesNode) -> ObjectCell:
    prefix = "node-role.kubernetes.io/"
    return tuple(key.removeprefix(prefix) for key, _ in node.metadata.labels if key.startswith(prefix))


def slice_ports(endpoints: EndpointSlice) -> ObjectCell:
    return tuple(str(port.port) if port.port else "*" for port in endpoints.ports)


def slice_addresses(endpoints: EndpointSlice) -> ObjectCell:
    return tuple(address for endpoint in endpoints.endpoints for address in endpoint.addresses)


def endpoint_addresses(endpoints: Endpoints) -> ObjectCell:
    return tuple(
        f"[{address.ip}]:{port.port}" if ":" in address.ip else f"{address.ip}:{port.port}"
        for subset in endpoints.subsets
        for port in subset.ports
        for address in subset.addresses
    )


def ingress_hosts(object_: Object) -> ObjectCell:
    hosts = PrinterColumn("HOSTS", ("spec", "rules", "*", "host")).cell(object_)
    return hosts or ("*",)


def ingress_addresses(object_: Object) -> ObjectCell:
    status = decode(object_, Service)
    return None if isinstance(status, Problem) else status.balancer_addresses


def ingress_ports(object_: Object) -> ObjectCell:
    return ("80", "443") if values_at(object_.body, ("spec", "tls")) else ("80",)


def job_status(object_: Object) -> ObjectCell:
    """The condition that ended the job, else Running."""
    for type_ in ("Complete", "Failed", "Suspended"):
        if PrinterColumn("", ("status", "conditions", f"type={type_}", "status")).cell(object_) == "True":
            return type_
    return "Running"
