"""Service: a name, its addresses and its ports.

https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/
"""

from __future__ import annotations

from msgspec import field

from meshscope.istio.kubernetes.metadata import ObjectMetadata
from meshscope.istio.labels import Labels
from meshscope.typed import Typed


class ServicePort(Typed, frozen=True, rename="camel"):
    """`target_port` is a number or the name of a container's port; 0 means the value of `port`."""

    name: str = ""
    port: int = 0
    target_port: int | str = 0
    node_port: int = 0
    protocol: str = "TCP"
    app_protocol: str = ""


class ServiceSpec(Typed, frozen=True, rename="camel"):
    """`internal_traffic_policy` Local keeps traffic on the client's node."""

    type: str = "ClusterIP"
    cluster_ip: str = field(default="", name="clusterIP")
    cluster_ips: tuple[str, ...] = field(default=(), name="clusterIPs")
    external_ips: tuple[str, ...] = field(default=(), name="externalIPs")
    load_balancer_ip: str = field(default="", name="loadBalancerIP")
    external_name: str = ""
    ports: tuple[ServicePort, ...] = ()
    selector: Labels = Labels()
    internal_traffic_policy: str = ""
    external_traffic_policy: str = ""
    traffic_distribution: str = ""
    publish_not_ready_addresses: bool = False


class LoadBalancerIngress(Typed, frozen=True):
    ip: str = ""
    hostname: str = ""


class LoadBalancerStatus(Typed, frozen=True):
    ingress: tuple[LoadBalancerIngress, ...] = ()


class ServiceStatus(Typed, frozen=True, rename="camel"):
    load_balancer: LoadBalancerStatus = LoadBalancerStatus()


class Service(Typed, frozen=True):
    metadata: ObjectMetadata = ObjectMetadata()
    spec: ServiceSpec = ServiceSpec()
    status: ServiceStatus = ServiceStatus()

    @property
    def headless(self) -> bool:
        return self.spec.cluster_ip == "None"

    @property
    def addresses(self) -> tuple[str, ...]:
        """Cluster IPs; empty for a headless service, an ExternalName, and a manifest that leaves them to the API server."""
        spec = self.spec
        return tuple(ip for ip in spec.cluster_ips or (spec.cluster_ip,) if ip not in ("", "None"))

    @property
    def outside_addresses(self) -> tuple[str, ...]:
        """IPs and host names for clients outside the cluster: those of the load balancer, then externalIPs."""
        return self.balancer_addresses + self.spec.external_ips

    @property
    def balancer_addresses(self) -> tuple[str, ...]:
        return tuple(entry.ip or entry.hostname for entry in self.status.load_balancer.ingress)
