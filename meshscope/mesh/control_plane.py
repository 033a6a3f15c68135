"""The answers of control planes: which proxies are connected, and whether they have acknowledged what they were sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from meshscope.istio.debug.registry import RegisteredService, read_registry
from meshscope.mesh.proxy import Answer

if TYPE_CHECKING:
    from meshscope.istio.debug.connections import ProxyConnection
    from meshscope.istio.debug.sync import ProxySync
    from meshscope.istio.manifest import Object


class Synced(Struct, frozen=True):
    """`istiod` is the pod that answered, "" where that is unknown."""

    istiod: str
    sync: ProxySync


def synced(answers: Iterable[Answer]) -> dict[tuple[str, str], Synced]:
    """By namespace and name. Of several replicas that list a proxy, the one counts from which it has acknowledged most."""
    from meshscope.istio.debug.sync import read_sync  # services alone are asked more often

    found: dict[tuple[str, str], Synced] = {}
    for answer in answers:
        if answer.kind == "debug/syncz" and (value := answer.value) is not None:
            for sync in read_sync(value, answer.captured.document.name)[0]:
                key = (sync.namespace, sync.name)
                if key not in found or _acknowledged(sync) > _acknowledged(found[key].sync):
                    found[key] = Synced(answer.captured.istiod, sync)
    return found


def _acknowledged(sync: ProxySync) -> int:
    return sum(state == "synced" for state in (sync.cds, sync.lds, sync.eds, sync.rds))


def connections(answers: Iterable[Answer]) -> dict[tuple[str, str], ProxyConnection]:
    """Connected proxies by namespace and name, from /debug/adsz and /debug/connections of any age."""
    from meshscope.istio.debug import connections as answer_of  # services alone are asked more often

    found: dict[tuple[str, str], ProxyConnection] = {}
    for answer in answers:
        if answer.kind in ("debug/adsz", "debug/connections"):
            value = answer.value
            name = answer.captured.document.name
            some = (
                answer_of.read_connections_text(answer.captured.document.body)
                if value is None
                else answer_of.read_connections(value, name)[0]
            )
            for connection in some:
                found.setdefault((connection.namespace, connection.name), connection)
    return found


def registered(
    answers: Iterable[Answer], replaced: Iterable[Object] = ()
) -> Iterator[tuple[Answer, int, RegisteredService]]:
    """The services of every registryz, each with its answer and its index there. It is out of date about `replaced` objects."""
    old = {(item.namespace or "default", host) for item in replaced for host in _hosts(item)}
    for answer in answers:
        if answer.kind == "debug/registryz" and (value := answer.value) is not None:
            for index, service in enumerate(read_registry(value, answer.captured.document.name)[0]):
                is_of_kubernetes = service.registry == "Kubernetes"
                host = f"{service.name}." if is_of_kubernetes else service.hostname
                if (service.namespace, host) not in old:
                    yield answer, index, service


def _hosts(item: Object) -> tuple[str, ...]:
    """Of a Service its name, whatever the mesh's domain is."""
    if item.kind == "Service" and not item.group:
        return (f"{item.name}.",)
    if item.kind != "ServiceEntry":
        return ()
    from meshscope.istio.kubernetes import decode  # few meshes have objects that are replaced
    from meshscope.istio.objects.service_entry import ServiceEntry
    from meshscope.snapshot.snapshot import Problem

    entry = decode(item, ServiceEntry)
    return () if isinstance(entry, Problem) else entry.spec.hosts
