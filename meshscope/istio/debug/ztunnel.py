"""ztunnel's /config_dump: the workloads, services and certificates that one node's ztunnel knows.

Older releases write workloads and services as maps (by network and address), where a workload with two addresses
stands twice; both forms read alike. Source: istio/ztunnel, src/state/workload.rs, src/state/service.rs, src/admin.rs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from msgspec import Raw, Struct

from meshscope.istio.decoding import decoded, each
from meshscope.snapshot.snapshot import Problem

T = TypeVar("T")


class GatewayAddress(Struct, frozen=True, rename="camel"):
    """A waypoint or a network's gateway: `namespace/hostname` or `network/IP`, and its HBONE port."""

    destination: str = ""
    hbone_mtls_port: int = 0
    port: int = 0


class Locality(Struct, frozen=True):
    region: str = ""
    zone: str = ""
    subzone: str = ""


class Workload(Struct, frozen=True, rename="camel"):
    """A pod, a WorkloadEntry or a gateway of another network. `protocol` HBONE: its peers tunnel to it.

    `node` is Kubernetes' node, `status` Healthy or Unhealthy; its services are those that have it as an endpoint.
    """

    uid: str = ""
    name: str = ""
    namespace: str = ""
    workload_ips: tuple[str, ...] = ()
    protocol: str = ""
    network: str = ""
    network_mode: str = ""
    network_gateway: GatewayAddress | None = None
    waypoint: GatewayAddress | None = None
    trust_domain: str = ""
    service_account: str = ""
    workload_name: str = ""
    workload_type: str = ""
    canonical_name: str = ""
    canonical_revision: str = ""
    hostname: str = ""
    node: str = ""
    cluster_id: str = ""
    status: str = ""
    locality: Locality = Locality()
    authorization_policies: tuple[str, ...] = ()


class ServiceEndpoint(Struct, frozen=True, rename="camel"):
    workload_uid: str = ""
    status: str = ""


class CidrVip(Struct, frozen=True):
    """A range of addresses that a ServiceEntry has."""

    network: str = ""
    cidr: str = ""


class Service(Struct, frozen=True):
    """`vips` are `network/IP`; `ports` are pairs of a service's and its workloads' port."""

    name: str
    namespace: str
    hostname: str
    vips: tuple[str, ...]
    cidr_vips: tuple[CidrVip, ...]
    ports: tuple[tuple[int, int], ...]
    endpoints: tuple[ServiceEndpoint, ...]
    waypoint: GatewayAddress | None


class Certificate(Struct, frozen=True, rename="camel"):
    """`serial_number` is decimal, times are RFC 3339; `pem` is base64 of PEM in new releases and PEM in old ones."""

    serial_number: str = ""
    valid_from: str = ""
    expiration_time: str = ""
    pem: str = ""


class WorkloadCertificate(Struct, frozen=True, rename="camel"):
    """A SPIFFE identity on this node; `state` is Available, Initializing, or `Unavailable: ` and the CA's words.

    The leaf comes first in `cert_chain`; older releases put the root at its end.
    """

    identity: str = ""
    state: str = ""
    cert_chain: tuple[Certificate, ...] = ()
    root_certs: tuple[Certificate, ...] = ()


class PolicyName(Struct, frozen=True):
    """`scope` is Global, Namespace or WorkloadSelector, `action` Allow or Deny."""

    name: str = ""
    namespace: str = ""
    scope: str = ""
    action: str = ""


class ZtunnelDump(Struct, frozen=True):
    """`node` and `mesh_cluster` are what the process was started with; "" where the release does not say."""

    workloads: tuple[Workload, ...]
    services: tuple[Service, ...]
    policies: tuple[PolicyName, ...]
    certificates: tuple[WorkloadCertificate, ...]
    version: str
    node: str
    mesh_cluster: str


class _Endpoints(Struct, frozen=True, rename="camel"):
    name: str = ""
    namespace: str = ""
    hostname: str = ""
    vips: tuple[str, ...] = ()
    cidr_vips: tuple[CidrVip, ...] = ()
    ports: dict[int, int] = {}
    endpoints: dict[str, ServiceEndpoint] = {}
    waypoint: GatewayAddress | None = None


class _Version(Struct, frozen=True, rename="camel"):
    version: str = ""
    istio_version: str = ""


class _Config(Struct, frozen=True, rename="camel"):
    local_node: str = ""
    cluster_id: str = ""


class _Dump(Struct, frozen=True):
    workloads: tuple[Raw, ...] | dict[str, Raw] = ()
    services: tuple[Raw, ...] | dict[str, Raw] = ()
    policies: tuple[Raw, ...] = ()
    certificates: tuple[Raw, ...] = ()
    version: _Version = _Version()
    config: _Config = _Config()


def read_ztunnel(body: Raw, document: str) -> tuple[ZtunnelDump, tuple[Problem, ...]] | Problem:
    dump = decoded(body, _Dump, document)
    if isinstance(dump, Problem):
        return dump
    workloads, bad_workloads = each(_items("workloads", dump.workloads), Workload, document)
    services, bad_services = each(_items("services", dump.services), _Endpoints, document)
    policies, bad_policies = each(_items("policies", dump.policies), PolicyName, document)
    certificates, bad_certificates = each(_items("certificates", dump.certificates), WorkloadCertificate, document)
    return ZtunnelDump(
        _unique(workloads),
        _unique(_service(service) for service in services),
        policies,
        certificates,
        dump.version.istio_version if dump.version.istio_version not in ("", "unknown") else dump.version.version,
        dump.config.local_node,
        dump.config.cluster_id,
    ), bad_workloads + bad_services + bad_policies + bad_certificates


def _items(section: str, items: tuple[Raw, ...] | dict[str, Raw]) -> Iterator[tuple[str, Raw]]:
    pairs = items.items() if isinstance(items, dict) else enumerate(items)
    return ((f"{section}[{key}]", raw) for key, raw in pairs)


def _unique(items: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(items))


def _service(found: _Endpoints) -> Service:
    return Service(
        found.name,
        found.namespace,
        found.hostname,
        found.vips,
        found.cidr_vips,
        tuple(found.ports.items()),
        tuple(found.endpoints.values()),
        found.waypoint,
    )
