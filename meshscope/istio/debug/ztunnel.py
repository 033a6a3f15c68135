"""ztunnel's /config_dump: the workloads, services, policies and certificates of one node's ztunnel.

Older releases write workloads, services and policies as maps (by network and address) in which a workload with two addresses
appears twice; both forms give the same result. `place` is the path of an item in the document.
Source: istio/ztunnel, src/state/workload.rs, src/state/service.rs, src/admin.rs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from msgspec import Raw, Struct
from msgspec.structs import replace

from meshscope.istio.decoding import decode_slice
from meshscope.path import Path
from meshscope.snapshot.snapshot import Problem

T = TypeVar("T", "Workload", "_WireService", "TunnelPolicy", "WorkloadCertificate")


class GatewayAddress(Struct, frozen=True, rename="camel"):
    """A waypoint or a network's gateway: `namespace/hostname` or `network/IP`, and its HBONE port."""

    destination: str = ""
    hbone_mtls_port: int = 0
    port: int = 0


class WeightedWaypoint(Struct, frozen=True, rename="camel"):
    """One of several waypoints of a service; a weight of 0 is never drawn."""

    destination: GatewayAddress | str = ""
    weight: int = 0


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
    workload_ip: str = ""
    waypoint_addresses: tuple[str, ...] = ()
    place: Path = ()

    @property
    def addresses(self) -> tuple[str, ...]:
        """Its IPs; the first releases wrote one."""
        return self.workload_ips or ((self.workload_ip,) if self.workload_ip else ())

    @property
    def is_pod(self) -> bool:
        """Neither a WorkloadEntry nor an endpoint of a ServiceEntry; the first releases knew pods only."""
        return not self.uid or "//Pod/" in self.uid


class ServiceEndpoint(Struct, frozen=True, rename="camel"):
    """`port` are pairs of service port and target port where they are the endpoint's own."""

    workload_uid: str = ""
    status: str = ""
    port: dict[int, int] = {}


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
    weighted_waypoints: tuple[WeightedWaypoint, ...] = ()
    place: Path = ()


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
    place: Path = ()


Match = Mapping[str, tuple[Any, ...]]
"""The values of each field of a match; which fields there are grows with ztunnel."""


class TunnelPolicy(Struct, frozen=True, rename="camel"):
    """`scope` is Global, Namespace or WorkloadSelector, `action` Allow or Deny. A policy of dry run is only logged.

    `rules[rule][clause][match]`: any rule, all of its clauses, any match of a clause, all fields of a match.
    """

    name: str = ""
    namespace: str = ""
    scope: str = ""
    action: str = ""
    rules: tuple[tuple[tuple[Match, ...], ...], ...] = ()
    dry_run: bool = False
    place: Path = ()


class ZtunnelDump(Struct, frozen=True):
    """`node` and `mesh_cluster` are from the process's own configuration; "" if the release does not write it."""

    workloads: tuple[Workload, ...]
    services: tuple[ZtunnelService, ...]
    policies: tuple[TunnelPolicy, ...]
    certificates: tuple[WorkloadCertificate, ...]
    version: str
    node: str
    mesh_cluster: str


class _WireService(Struct, frozen=True, rename="camel"):
    name: str = ""
    namespace: str = ""
    hostname: str = ""
    vips: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    cidr_vips: tuple[CidrVip, ...] = ()
    ports: dict[int, int] = {}
    endpoints: dict[str, ServiceEndpoint] = {}
    waypoint: GatewayAddress | None = None
    weighted_waypoints: tuple[WeightedWaypoint, ...] = ()
    place: Path = ()


class _Version(Struct, frozen=True, rename="camel"):
    version: str = ""
    istio_version: str = ""


class _Config(Struct, frozen=True, rename="camel"):
    local_node: str = ""
    cluster_id: str = ""


class _Dump(Struct, frozen=True):
    workloads: tuple[Raw, ...] | dict[str, Raw] = ()
    services: tuple[Raw, ...] | dict[str, Raw] = ()
    policies: tuple[Raw, ...] | dict[str, Raw] = ()
    certificates: tuple[Raw, ...] = ()
    version: _Version = _Version()
    config: _Config = _Config()


def read_ztunnel(body: Raw, document: str) -> tuple[ZtunnelDump, tuple[Problem, ...]] | Problem:
    dump = decode_slice(body, _Dump, document)
    if isinstance(dump, Problem):
        return dump
    problems: list[Problem] = []
    version = dump.version
    return ZtunnelDump(
        _items("workloads", dump.workloads, Workload, document, problems),
        tuple(_service(one) for one in _items("services", dump.services, _WireService, document, problems)),
        _items("policies", dump.policies, TunnelPolicy, document, problems),
        _items("certificates", dump.certificates, WorkloadCertificate, document, problems),
        version.istio_version if version.istio_version not in ("", "unknown") else version.version,
        dump.config.local_node,
        dump.config.cluster_id,
    ), tuple(problems)


def raw_items(body: Raw, document: str) -> Iterator[tuple[str, Path, Raw]]:
    """Every workload, service and policy as it is written: its singular, its path, its slice."""
    dump = decode_slice(body, _Dump, document)
    if isinstance(dump, Problem):
        return
    for singular, section, items in (
        ("workload", "workloads", dump.workloads),
        ("service", "services", dump.services),
        ("policy", "policies", dump.policies),
    ):
        for key, raw in _pairs(items):
            yield singular, (section, key), raw


def _pairs(items: tuple[Raw, ...] | dict[str, Raw]) -> Iterable[tuple[str | int, Raw]]:
    return items.items() if isinstance(items, dict) else enumerate(items)


def _items(
    section: str, items: tuple[Raw, ...] | dict[str, Raw], type_: type[T], document: str, problems: list[Problem]
) -> tuple[T, ...]:
    """Equal items once, at the first place."""
    found: dict[bytes, T] = {}
    for key, raw in _pairs(items):
        item = decode_slice(raw, type_, document, f"{section}[{key}]")
        if isinstance(item, Problem):
            problems.append(item)
        else:
            found.setdefault(bytes(raw), replace(item, place=(section, key)))
    return tuple(found.values())


def _service(wire: _WireService) -> ZtunnelService:
    return ZtunnelService(
        wire.name,
        wire.namespace,
        wire.hostname,
        wire.vips or wire.addresses,
        wire.cidr_vips,
        tuple(wire.ports.items()),
        tuple(wire.endpoints.values()),
        wire.waypoint,
        wire.weighted_waypoints,
        wire.place,
    )
