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


def registered(answers: Iterable[Answer]) -> Iterator[tuple[Answer, int, RegisteredService]]:
    """The services of every registryz, each with its answer and its index there."""
    for answer in answers:
        if answer.kind == "debug/registryz" and (value := answer.value) is not None:
            for index, service in enumerate(read_registry(value, answer.captured.document.name)[0]):
                yield answer, index, service
