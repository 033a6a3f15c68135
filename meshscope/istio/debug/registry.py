"""istiod's /debug/registryz: the services of the control plane, whatever kind of object declares them."""

from __future__ import annotations

from msgspec import Raw, Struct, field

from meshscope.istio.decoding import decode_rows
from meshscope.istio.labels import Labels
from meshscope.snapshot.snapshot import Problem
from meshscope.typed import Typed

_RESOLUTIONS = ("ClientSide", "DNS", "Passthrough", "DNSRoundRobin", "Alias", "DynamicDNS")
_NO_ADDRESS = ("", "0.0.0.0", "::")  # noqa: S104  # Istio's mark of a service without an address; nothing is bound


class RegisteredPort(Typed, frozen=True):
    """A service's port; `protocol` is the one Istio assumes (HTTP, TCP, UnsupportedProtocol = sniffed, …)."""

    name: str = ""
    port: int = 0
    protocol: str = ""


class RegisteredService(Struct, frozen=True):
    """`registry` is Kubernetes or External (a ServiceEntry); `name` and `namespace` are of the object behind it.

    `resolution` is ClientSide (EDS), DNS, Passthrough (headless, NONE), DNSRoundRobin, Alias, DynamicDNS, or "" for an
    unknown number. `addresses` are virtual IPs and ranges, `cluster_addresses` the same by mesh cluster, `auto_addresses`
    are allocated by Istio. `selector` selects the pods, `export_to` is empty for the mesh's default, `created_at` is RFC 3339
    or "".
    """

    hostname: str
    name: str
    namespace: str
    registry: str
    addresses: tuple[str, ...]
    cluster_addresses: tuple[tuple[str, tuple[str, ...]], ...]
    auto_addresses: tuple[str, ...]
    ports: tuple[RegisteredPort, ...]
    resolution: str
    mesh_external: bool
    created_at: str
    labels: Labels
    selector: Labels
    export_to: tuple[str, ...]
    external_name: str


class _Attributes(Typed, frozen=True, rename="pascal"):
    service_registry: str = ""
    name: str = ""
    namespace: str = ""
    labels: Labels = Labels()
    label_selectors: Labels = Labels()
    export_to: Labels = Labels()
    external_name: str = ""


class _Addresses(Typed, frozen=True, rename="pascal"):
    addresses: dict[str, tuple[str, ...]] = {}


class _Row(Typed, frozen=True, rename="camel"):
    hostname: str
    attributes: _Attributes = field(default=_Attributes(), name="Attributes")
    ports: tuple[RegisteredPort, ...] = ()
    creation_time: str = ""
    cluster_vips: _Addresses = field(default=_Addresses(), name="clusterVIPs")
    old_cluster_vips: dict[str, str] = field(default_factory=dict, name="cluster-vips")
    default_address: str = ""
    address: str = ""
    auto_ipv4: str = field(default="", name="autoAllocatedIPv4Address")
    auto_ipv6: str = field(default="", name="autoAllocatedIPv6Address")
    old_auto: str = field(default="", name="autoAllocatedAddress")
    resolution: int = field(default=0, name="Resolution")
    mesh_external: bool = field(default=False, name="MeshExternal")


def read_registry(body: Raw, document: str) -> tuple[tuple[RegisteredService, ...], tuple[Problem, ...]]:
    services, problems = decode_rows(body, _Row, document)
    return tuple(_service(row) for row in services), problems


def _service(row: _Row) -> RegisteredService:
    attributes = row.attributes
    by_cluster = {**{name: (ip,) for name, ip in row.old_cluster_vips.items()}, **row.cluster_vips.addresses}
    addresses = {name: tuple(ip for ip in ips if ip not in _NO_ADDRESS) for name, ips in by_cluster.items()}
    default = row.default_address or row.address
    every = [ip for ips in addresses.values() for ip in ips]
    return RegisteredService(
        row.hostname,
        attributes.name,
        attributes.namespace,
        attributes.service_registry,
        tuple(dict.fromkeys(every + [default] * (default not in _NO_ADDRESS))),
        tuple(sorted((name, ips) for name, ips in addresses.items() if ips)),
        tuple(ip for ip in (row.auto_ipv4 or row.old_auto, row.auto_ipv6) if ip),
        row.ports,
        _RESOLUTIONS[row.resolution] if 0 <= row.resolution < len(_RESOLUTIONS) else "",
        row.mesh_external,
        row.creation_time,
        attributes.labels,
        attributes.label_selectors,
        tuple(name for name, _ in attributes.export_to),
        attributes.external_name,
    )
