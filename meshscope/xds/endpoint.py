"""Endpoints: assignments, localities, priorities, health.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/endpoint/v3/endpoint.proto
"""

from __future__ import annotations

from msgspec import Raw

from meshscope.xds.address import Address
from meshscope.xds.message import Message
from meshscope.xds.metadata import Metadata


class AdditionalAddress(Message, frozen=True):
    address: Address = Address()


class Endpoint(Message, frozen=True):
    address: Address = Address()
    hostname: str = ""
    additional_addresses: tuple[AdditionalAddress, ...] = ()


class LbEndpoint(Message, frozen=True):
    endpoint: Endpoint = Endpoint()
    endpoint_name: str = ""
    health_status: str = "UNKNOWN"
    metadata: Metadata = Metadata()
    load_balancing_weight: int | None = None


class Locality(Message, frozen=True):
    region: str = ""
    zone: str = ""
    sub_zone: str = ""

    def __str__(self) -> str:
        return "/".join(part for part in (self.region, self.zone, self.sub_zone) if part)


class LocalityLbEndpoints(Message, frozen=True):
    locality: Locality = Locality()
    lb_endpoints: tuple[LbEndpoint, ...] = ()
    load_balancing_weight: int | None = None
    priority: int = 0
    proximity: int | None = None
    metadata: Metadata = Metadata()


class DropOverload(Message, frozen=True):
    category: str = ""
    drop_percentage: Raw = Raw()


class Policy(Message, frozen=True):
    drop_overloads: tuple[DropOverload, ...] = ()
    overprovisioning_factor: int = 140
    endpoint_stale_after: str = ""
    weighted_priority_health: bool = False


class ClusterLoadAssignment(Message, frozen=True):
    cluster_name: str = ""
    endpoints: tuple[LocalityLbEndpoints, ...] = ()
    policy: Policy = Policy()
