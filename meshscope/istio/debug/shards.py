"""istiod's /debug/endpointShardz: the endpoints of the control plane, by service and registry.

Today's /debug/endpointz has the same form; its older form is read in endpointz.py.
"""

from __future__ import annotations

from msgspec import Raw, Struct, field

from meshscope.istio.decoding import decode_slice, decode_slices
from meshscope.istio.labels import Labels
from meshscope.snapshot.snapshot import Problem

_HEALTH = ("UNKNOWN", "HEALTHY", "UNHEALTHY", "DRAINING", "TERMINATING")


class RegisteredEndpoint(Struct, frozen=True):
    """One address (several in dual stack) and port behind a service.

    `host` and `namespace` are the service's, `port` is the workload's, `port_name` the service port's name. `registry`
    is Kubernetes or External. `health` is Envoy's word (UNKNOWN, which counts as healthy, for static endpoints), or ""
    if the answer has none. `locality` is `region/zone/subzone`. "" or 0 means not given.
    """

    host: str
    namespace: str
    registry: str
    mesh_cluster: str
    addresses: tuple[str, ...]
    port: int
    port_name: str
    labels: Labels
    health: str
    tls_mode: str
    network: str
    locality: str
    weight: int
    workload: str
    workload_namespace: str
    service_account: str
    node: str


class _Locality(Struct, frozen=True, rename="pascal"):
    label: str = ""
    cluster_id: str = field(default="", name="ClusterID")


class _EnvoyEndpoint(Struct, frozen=True):
    health_status: int = 0


class WireEndpoint(Struct, frozen=True, rename="pascal"):
    """An IstioEndpoint as istiod writes it; `Address` up to about Istio 1.23, `Addresses` since."""

    addresses: tuple[str, ...] = ()
    address: str = ""
    endpoint_port: int = 0
    service_port_name: str = ""
    labels: Labels = Labels()
    health_status: int | None = None
    tunnel_ability: int | None = None
    envoy_endpoint: _EnvoyEndpoint = _EnvoyEndpoint()
    tls_mode: str = field(default="", name="TLSMode")
    network: str = ""
    locality: _Locality | str = ""
    lb_weight: int = 0
    workload_name: str = ""
    namespace: str = ""
    service_account: str = ""
    node_name: str = ""


class _Shards(Struct, frozen=True, rename="pascal"):
    shards: dict[str, tuple[Raw, ...]] = {}


def read_shards(body: Raw, document: str) -> tuple[tuple[RegisteredEndpoint, ...], tuple[Problem, ...]]:
    hosts = decode_slice(body, dict[str, dict[str, Raw]], document)
    if isinstance(hosts, Problem):
        return (), (hosts,)
    endpoints: list[RegisteredEndpoint] = []
    problems: list[Problem] = []
    for host, namespaces in hosts.items():
        for namespace, raw in namespaces.items():
            service = decode_slice(raw, _Shards, document, f"{host}.{namespace}")
            if isinstance(service, Problem):
                problems.append(service)
                continue
            for shard, items in service.shards.items():
                where = ((f"{host}.{namespace}.Shards.{shard}[{i}]", item) for i, item in enumerate(items))
                decoded, endpoint_problems = decode_slices(where, WireEndpoint, document)
                registry, _, mesh_cluster = shard.partition("/")
                endpoints += (registered_endpoint(host, namespace, registry, mesh_cluster, wire) for wire in decoded)
                problems += endpoint_problems
    return tuple(endpoints), tuple(problems)


def registered_endpoint(
    host: str, namespace: str, registry: str, mesh_cluster: str, wire: WireEndpoint
) -> RegisteredEndpoint:
    locality = _Locality(wire.locality) if isinstance(wire.locality, str) else wire.locality
    return RegisteredEndpoint(
        host,
        namespace,
        registry,
        mesh_cluster or locality.cluster_id,
        wire.addresses or ((wire.address,) if wire.address else ()),
        wire.endpoint_port,
        wire.service_port_name,
        wire.labels,
        _health(wire),
        wire.tls_mode,
        wire.network,
        locality.label,
        wire.lb_weight,
        wire.workload_name,
        wire.namespace,
        wire.service_account,
        wire.node_name,
    )


def _health(wire: WireEndpoint) -> str:
    """Istio's numbers equal Envoy's since about 1.16. Before, 0 was healthy; TunnelAbility is a mark of that form."""
    number = wire.health_status
    if number is None:
        return _HEALTH[wire.envoy_endpoint.health_status] if 0 < wire.envoy_endpoint.health_status < 5 else ""
    if wire.tunnel_ability is not None:
        number += 1
    return _HEALTH[number] if 0 <= number < len(_HEALTH) else ""
