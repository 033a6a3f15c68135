"""What the objects that differ are about: hosts, the ports of workloads, and the Sidecar of a proxy."""

from __future__ import annotations

from meshscope.effect.configuration import Configuration
from meshscope.effect.http_routes.places import hosts_of as hosts_of_rules
from meshscope.effect.scope import Egress, egress_of
from meshscope.effect.written import Written
from meshscope.istio.hosts import full_host
from meshscope.istio.kubernetes import decode
from meshscope.istio.kubernetes.service import Service
from meshscope.istio.labels import Labels
from meshscope.istio.manifest import Object
from meshscope.istio.objects.service_entry import ServiceEntry
from meshscope.istio.objects.sidecar import Sidecar
from meshscope.istio.objects.workload_entry import WorkloadEntry
from meshscope.istio.protocol import Family, protocol_of
from meshscope.overlay.applied import named
from meshscope.snapshot.snapshot import Problem

_DISABLE = b"DISABLE"


def body_of(one: Written[Sidecar] | None) -> tuple[object, ...] | None:
    return (named(one.item), bytes(one.item.body)) if one else None


def unmodelled(configuration: Configuration, sidecar: Written[Sidecar] | None, namespace: str) -> str:
    """Why what a Sidecar makes of services is not rebuilt, for a proxy of a namespace; "" where it is."""
    for one in sidecar.value.spec.egress if sidecar else ():
        if one.bind or one.capture_mode not in ("", "DEFAULT"):
            return f"egress listeners of {sidecar} with an address or a captureMode of their own are not rebuilt"
    listeners = egress_of(sidecar, namespace) if sidecar else ()
    for one in (each for each in sidecar.value.spec.egress if each.port) if sidecar else ():
        number = one.port.number if one.port else 0
        spoken = protocol_of(number, "", one.port.protocol if one.port else "").family
        own = next(each for each in listeners if each.port == number)
        for service in configuration.services.all:
            port = service.port(number)
            if port is None or port.protocol.family is Family.UDP:
                continue
            if own.has_service(service):
                if spoken is not Family.HTTP or port.protocol.family is not Family.HTTP:
                    return (
                        f"the egress listener of {sidecar} for port {number} is not one of HTTP alone, and not rebuilt"
                    )
            elif any(each.has_service(service) for each in listeners if not each.port):
                return f"{service.host} has port {number}, of which {sidecar} imports other services: not rebuilt"
    return _unshared(configuration, sidecar, listeners)


def _unshared(configuration: Configuration, sidecar: Written[Sidecar] | None, listeners: tuple[Egress, ...]) -> str:
    """A rule that one of several listeners imports counts in the routes of that alone."""
    busy = [one for one in listeners if any(map(one.has_service, configuration.services.all))]
    if len(busy) < 2 or not any(one.port for one in listeners):
        return ""
    for rules in configuration.virtual_services:
        if len({one.has_hosts(rules.namespace, hosts_of_rules(rules)) for one in busy}) > 1:
            return f"{rules} is imported by some of the egress listeners of {sidecar}, and not by others: not rebuilt"
    return ""


def selecting(configuration: Configuration, host: str, number: int) -> tuple[object, ...]:
    """Which pods a Service takes, and which of their ports by which name."""
    service = configuration.mesh.network.service_named(host)
    port = service.port(number) if service else None
    return (service.selector if service else None, port.target if port else None, port.name if port else None)


def hosts_of(configuration: Configuration, item: Object) -> set[str]:
    """The hosts that an object speaks of."""
    namespace = item.namespace or "default"
    if item.kind == "Service":
        value = decode(item, Service)
        alias = set() if isinstance(value, Problem) or not value.spec.external_name else {value.spec.external_name}
        return {full_host(item.name, namespace), *alias}
    if item.kind == "ServiceEntry":
        entry = decode(item, ServiceEntry)
        return set() if isinstance(entry, Problem) else set(entry.spec.hosts)
    if item.kind == "PeerAuthentication":
        root = configuration.settings.root_namespace
        text = bytes(memoryview(item.body))
        some = (one for one in configuration.services.all if namespace in (root, one.namespace))
        is_for_all = b'"selector"' not in text  # else it is about pods, which a service without a selector has none of
        return {one.host for one in some if is_for_all or one.selector} if _DISABLE in text else set()
    if item.kind != "WorkloadEntry":
        return set()
    workload = decode(item, WorkloadEntry)
    if isinstance(workload, Problem):
        return set()
    labels = Labels(sorted({**dict(workload.spec.labels), **dict(item.labels)}.items()))
    selecting = (one for one in configuration.services.all if one.namespace == namespace and one.selector)
    return {one.host for one in selecting if labels.match(one.selector)}
