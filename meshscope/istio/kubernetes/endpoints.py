"""EndpointSlice and the older Endpoints: the workloads behind a Service.

https://kubernetes.io/docs/reference/kubernetes-api/service-resources/endpoint-slice-v1/
"""

from __future__ import annotations

from msgspec import Struct

from meshscope.istio.kubernetes.metadata import ObjectMetadata


class TargetRef(Struct, frozen=True):
    kind: str = ""
    namespace: str = ""
    name: str = ""


class EndpointPort(Struct, frozen=True, rename="camel"):
    """A `port` of 0 means every port."""

    name: str = ""
    port: int = 0
    protocol: str = "TCP"
    app_protocol: str = ""


class EndpointConditions(Struct, frozen=True):
    """An absent `ready` counts as ready, an absent `serving` as `ready`."""

    ready: bool = True
    serving: bool | None = None
    terminating: bool = False


class SliceEndpoint(Struct, frozen=True, rename="camel"):
    addresses: tuple[str, ...] = ()
    conditions: EndpointConditions = EndpointConditions()
    hostname: str = ""
    node_name: str = ""
    zone: str = ""
    target_ref: TargetRef = TargetRef()


class EndpointSlice(Struct, frozen=True, rename="camel"):
    """The label `kubernetes.io/service-name` names its Service."""

    metadata: ObjectMetadata = ObjectMetadata()
    address_type: str = ""
    ports: tuple[EndpointPort, ...] = ()
    endpoints: tuple[SliceEndpoint, ...] = ()

    @property
    def service(self) -> str:
        return self.metadata.labels.get("kubernetes.io/service-name")


class EndpointAddress(Struct, frozen=True, rename="camel"):
    ip: str = ""
    hostname: str = ""
    node_name: str = ""
    target_ref: TargetRef = TargetRef()


class EndpointSubset(Struct, frozen=True, rename="camel"):
    addresses: tuple[EndpointAddress, ...] = ()
    not_ready_addresses: tuple[EndpointAddress, ...] = ()
    ports: tuple[EndpointPort, ...] = ()


class Endpoints(Struct, frozen=True):
    """Its Service has the same name."""

    metadata: ObjectMetadata = ObjectMetadata()
    subsets: tuple[EndpointSubset, ...] = ()
