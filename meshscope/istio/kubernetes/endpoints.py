"""EndpointSlice and the older Endpoints: who is behind a Service.

https://kubernetes.io/docs/reference/kubernetes-api/service-resources/endpoint-slice-v1/
"""

from __future__ import annotations

from msgspec import Struct

from meshscope.istio.kubernetes.metadata import Metadata


class TargetRef(Struct, frozen=True):
    kind: str = ""
    namespace: str = ""
    name: str = ""


class EndpointPort(Struct, frozen=True, rename="camel"):
    """`port` 0: every port."""

    name: str = ""
    port: int = 0
    protocol: str = "TCP"
    app_protocol: str = ""


class EndpointConditions(Struct, frozen=True):
    """An absent `ready` counts as ready, an absent `serving` as `ready`."""

    ready: bool = True
    serving: bool | None = None
    terminating: bool = False


class Endpoint(Struct, frozen=True, rename="camel"):
    addresses: tuple[str, ...] = ()
    conditions: EndpointConditions = EndpointConditions()
    hostname: str = ""
    node_name: str = ""
    zone: str = ""
    target_ref: TargetRef = TargetRef()


class EndpointSlice(Struct, frozen=True, rename="camel"):
    """Belongs to the Service that its label `kubernetes.io/service-name` names."""

    metadata: Metadata = Metadata()
    address_type: str = ""
    ports: tuple[EndpointPort, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()

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
    """Belongs to the Service of its name."""

    metadata: Metadata = Metadata()
    subsets: tuple[EndpointSubset, ...] = ()
