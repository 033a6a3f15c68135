"""What the ztunnels of a mesh know, all together: workloads, services and policies, each where it is written first.

Every ztunnel is told of the whole mesh, so the first that was captured has all of it; another one adds what it alone knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from msgspec import Struct

from meshscope.istio.debug.ztunnel import TunnelPolicy, Workload, ZtunnelDump, ZtunnelService, read_ztunnel
from meshscope.location import Location
from meshscope.mesh.network.facts import Backend, PodFact, PortFact, ServiceHost
from meshscope.mesh.proxy import Answer
from meshscope.mesh.proxy_documents import identity
from meshscope.once import once
from meshscope.snapshot.snapshot import Problem

T = TypeVar("T", Workload, ZtunnelService, TunnelPolicy)
SOURCE = "ztunnel"
"""The `source` of a host that a ztunnel alone knows."""


class TunnelDump(Struct, frozen=True, eq=False):
    """One ztunnel's answer as it was read; `proxy` is the ztunnel's name."""

    proxy: str
    answer: Answer
    dump: ZtunnelDump

    def location(self, item: Workload | ZtunnelService | TunnelPolicy) -> Location:
        return Location(self.answer.captured.document, item.place)


class Ztunnels:
    def __init__(self, answers: Iterable[Answer]) -> None:
        self._answers = tuple(answers)

    @once
    def dumps(self) -> tuple[TunnelDump, ...]:
        return tuple(self._read())

    def _read(self) -> Iterator[TunnelDump]:
        for answer in self._answers:
            value = answer.value
            found = read_ztunnel(value, answer.captured.document.name) if value is not None else None
            if found is not None and not isinstance(found, Problem):
                yield TunnelDump(str(identity(answer.captured, None)), answer, found[0])

    @once
    def workloads(self) -> dict[tuple[str, str], tuple[Workload, Location]]:
        """By namespace and name."""
        return _first((dump, dump.dump.workloads) for dump in self.dumps)

    @once
    def services(self) -> dict[tuple[str, str], tuple[ZtunnelService, Location]]:
        """By namespace and name."""
        return _first((dump, dump.dump.services) for dump in self.dumps)

    @once
    def policies(self) -> dict[tuple[str, str], tuple[TunnelPolicy, Location]]:
        """By namespace and name."""
        return _first((dump, dump.dump.policies) for dump in self.dumps)

    @once
    def _by_uid(self) -> dict[str, Workload]:
        return {one.uid: one for one, _ in self.workloads.values() if one.uid}

    def policies_on(self, namespace: str, name: str) -> tuple[str, ...]:
        """The enforced policies that apply to a workload, as `namespace/name`."""
        found = self.workloads.get((namespace, name))
        named = found[0].authorization_policies if found else ()
        wide = (
            f"{policy.namespace}/{policy.name}"
            for policy, _ in self.policies.values()
            if policy.scope == "Global" or (policy.scope == "Namespace" and policy.namespace == namespace)
        )
        dry = {f"{policy.namespace}/{policy.name}" for policy, _ in self.policies.values() if policy.dry_run}
        return tuple(dict.fromkeys(one for one in (*named, *wide) if one not in dry))

    # --- as the network below the proxies ------------------------------------------------------------------------------

    def pods(self) -> Iterator[PodFact]:
        for one, location in self.workloads.values():
            if one.is_pod:
                yield PodFact(
                    name=one.name,
                    namespace=one.namespace,
                    ips=one.addresses,
                    host_network=one.network_mode == "HostNetwork",
                    service_account=one.service_account,
                    node=one.node,
                    workload=one.workload_name,
                    location=location,
                )

    def hosts(self) -> Iterator[ServiceHost]:
        for one, location in self.services.values():
            yield ServiceHost(
                host=one.hostname or f"{one.name}.{one.namespace}",
                name=one.name,
                namespace=one.namespace,
                addresses=tuple(vip.rpartition("/")[2] for vip in one.vips),
                ports=tuple(PortFact(number, target=target) for number, target in one.ports),
                headless=not one.vips and not one.cidr_vips,
                source=SOURCE,
                location=location,
            )

    def backends(self, service: ServiceHost, port: PortFact) -> tuple[Backend, ...] | None:
        """The endpoints of a service that a ztunnel alone knows; None where none of them has an address of its own: they are
        behind a gateway of another network, or names.
        """
        found = self.services.get((service.namespace, service.name))
        backends = tuple(self._backends(found[0], port)) if found else ()
        return None if found and found[0].endpoints and not backends else backends

    def _backends(self, service: ZtunnelService, port: PortFact) -> Iterator[Backend]:
        for endpoint in service.endpoints:
            workload = self._by_uid.get(endpoint.workload_uid)
            if workload is None:
                continue
            number = endpoint.port.get(port.number) or int(port.target) or port.number
            pod = f"{workload.name}.{workload.namespace}" if workload.is_pod else None
            for ip in workload.addresses[:1]:
                yield Backend(ip, number, pod)


def _first(dumps: Iterable[tuple[TunnelDump, tuple[T, ...]]]) -> dict[tuple[str, str], tuple[T, Location]]:
    found: dict[tuple[str, str], tuple[T, Location]] = {}
    for dump, items in dumps:
        for item in items:
            found.setdefault((item.namespace, item.name), (item, dump.location(item)))
    return found
