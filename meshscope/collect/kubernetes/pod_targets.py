"""The servers in a pod that can be collected: Envoys, ztunnels, control planes. Decided by containers and labels alone.

https://istio.io/latest/docs/reference/config/labels/ and Istio's injection templates
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from urllib.parse import quote

from msgspec import Struct

from meshscope.istio.kubernetes.pod import Container, Pod
from meshscope.istio.labels import Labels

ISTIO_PROXY = "istio-proxy"
ADMIN_PORT = 15000
_ISTIODS = (("app", "istiod"), ("app", "pilot"), ("istio", "istiod"), ("istio", "pilot"))
_GATEWAYS = (("istio", "ingressgateway"), ("istio", "egressgateway"))
_GATEWAY_API = ("gateway.networking.k8s.io/gateway-name", "gateway.istio.io/managed")
"""Labels of gateways and waypoints that Istio deployed for a Gateway of the Gateway API."""
_ZTUNNEL = re.compile(r"(?:.*/)?[\w.-]*\bztunnel\b[\w.-]*(?:[:@].*)?")


class Role(StrEnum):
    ENVOY = "envoy"
    ZTUNNEL = "ztunnel"
    ISTIOD = "istiod"


class PodName(Struct, frozen=True, order=True):
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"

    @property
    def path(self) -> str:
        """The pod's path at the API server."""
        return f"/api/v1/namespaces/{quote(self.namespace)}/pods/{quote(self.name)}"


class PodTarget(Struct, frozen=True):
    """A server in a pod. `container` is the one whose image has a command for requests."""

    role: Role
    pod: PodName
    container: str
    revision: str = ""
    """Of a control plane; "" for `default`, and for other roles."""


def pod_targets(pod: Pod) -> tuple[PodTarget, ...]:
    """Mostly one or none; an old Pilot has an Envoy beside it. Empty for a pod that is not running."""
    meta = pod.metadata
    if pod.status.phase != "Running" or not meta.name:
        return ()
    name = PodName(meta.namespace, meta.name)
    revision = meta.labels.get("istio.io/rev")
    containers = tuple(_running_containers(pod))
    targets = []
    if any(pair in meta.labels for pair in _ISTIODS) and (control := _container_named(containers, "discovery")):
        targets.append(PodTarget(Role.ISTIOD, name, control.name, "" if revision == "default" else revision))
    if tunnel := _ztunnel(meta.labels, containers):
        targets.append(PodTarget(Role.ZTUNNEL, name, tunnel.name))
    elif envoy := _envoy(meta.labels, containers):
        targets.append(PodTarget(Role.ENVOY, name, envoy.name))
    return tuple(targets)


def _running_containers(pod: Pod) -> Iterator[Container]:
    """The containers, and the init containers that keep running beside them.

    https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/
    """
    yield from pod.spec.containers
    yield from (container for container in pod.spec.init_containers if container.restart_policy == "Always")


def _container_named(containers: tuple[Container, ...], name: str) -> Container | None:
    return next((container for container in containers if container.name == name), None)


def _ztunnel(labels: Labels, containers: tuple[Container, ...]) -> Container | None:
    proxy = _container_named(containers, ISTIO_PROXY) or _container_named(containers, "ztunnel")
    if proxy and (labels.get("app") == "ztunnel" or _ZTUNNEL.fullmatch(proxy.image)):
        return proxy
    return None


def _envoy(labels: Labels, containers: tuple[Container, ...]) -> Container | None:
    if proxy := _container_named(containers, ISTIO_PROXY):
        return None if _is_proxyless(proxy) else proxy
    if containers and (any(pair in labels for pair in _GATEWAYS) or any(labels.has(key) for key in _GATEWAY_API)):
        return containers[0]
    plain = _container_named(containers, "envoy")
    return plain if plain and any(port.container_port == ADMIN_PORT for port in plain.ports) else None


def _is_proxyless(proxy: Container) -> bool:
    """Whether the agent serves a gRPC application without an Envoy.

    https://istio.io/latest/blog/2021/proxyless-grpc/
    """
    return any(var.name == "ISTIO_META_GENERATOR" and var.value == "grpc" for var in proxy.env)
