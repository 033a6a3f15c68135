"""ztunnel's /config_dump: the workloads, services and certificates of one node's ztunnel.

Older releases write workloads and services as maps (by network and address) in which a workload with two addresses
appears twice; both forms give the same result.
Source: istio/ztunnel, src/state/workload.rs, src/state/service.rs, src/admin.rs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from msgspec import Raw, Struct

from meshscope.istio.decoding import decode_slice, decode_slices
from meshscope.snapshot.snapshot import Problem

T = TypeVar("T")


class GatewayAddress(Struct, frozen=True, rename="camel"):
    """A waypoint or a network's gateway: `namespace/hostname` or `network/IP`, and its HBONE port."""

    destination: str = ""
    hbone_mtls_port: int = 0
    port: int = 0


class WorkloadLocality(Struct, frozen=True):
    region: str = ""
    zone: str = ""
    subzone: str = ""


class Workload(Struct, frozen=True, rename="camel"):
    """A pod, a WorkloadEntry or a gateway of another network. Peers tunnel to it if `protocol` is HBONE.

    `node` is Kubernetes' node, `status` Healthy or Unhealthy. Its services are those with an endpoint for it.
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
    locality: WorkloadLocality = WorkloadLocality()
    authorization_policies: tuple[str, ...] = ()


class ServiceEndpoint(Struct, frozen=True, rename="camel"):
    workload_uid: str = ""
    status: str = ""


class CidrVip(Struct, frozen=True):
    """A range of addresses of a ServiceEntry."""

    network: str = ""
    cidr: str = ""


class ZtunnelService(Struct, frozen=True):
    """`vips` are `network/IP`; `ports` are pairs of service port and workload port."""

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
    """A SPIFFE identity on this node; `state` is Available, Initializing, or `Unavailable: ` and the CA's message.

    `cert_chain` begins with the leaf; in older releases it ends with the root.
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
    """`node` and `mesh_cluster` are from the process's own configuration; "" if the release does not write it."""

    workloads: tuple[Workload, ...]
    services: tuple[ZtunnelService, ...]
    policies: tuple[PolicyName, ...]
    certificates: tuple[WorkloadCertificate, ...]
    version: str
    node: str
    mesh_cluster: str


class _WireService(Struct, frozen=True, rename="camel"):
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
    dump = decode_slice(body, _Dump, document)
    if isinstance(dump, Problem):
        return dump
    workloads, workload_problems = decode_slices(_items("workloads", dump.workloads), Workload, document)
    services, service_problems = decode_slices(_items("services", dump.services), _WireService, document)
    policies, policy_problems = decode_slices(_items("policies", dump.policies), PolicyName, document)
    certificates, certificate_problems = decode_slices(
        _items("certificates", dump.certificates), WorkloadCertificate, document
    )
    return ZtunnelDump(
        _unique(workloads),
        _unique(_service(service) for service in services),
        policies,
        certificates,
        dump.version.istio_version if dump.version.istio_version not in ("", "unknown") else dump.version.version,
        dump.config.local_node,
        dump.config.cluster_id,
    ), workload_problems + service_problems + policy_problems + certificate_problems


def _items(section: str, items: tuple[Raw, ...] | dict[str, Raw]) -> Iterator[tuple[str, Raw]]:
    pairs = items.items() if isinstance(items, dict) else enumerate(items)
    return ((f"{section}[{key}]", raw) for key, raw in pairs)


def _unique(items: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(items))


def _service(wire: _WireService) -> ZtunnelService:
    return ZtunnelService(
        wire.name,
        wire.namespace,
        wire.hostname,
        wire.vips,
        wire.cidr_vips,
        tuple(wire.ports.items()),
        tuple(wire.endpoints.values()),
        wire.waypoint,
    )
