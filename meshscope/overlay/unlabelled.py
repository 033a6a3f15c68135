"""Proxies whose labels were not captured: whether what selects by labels is for them is unknown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Raw, Struct

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.istio.kubernetes import decode
from meshscope.istio.manifest import Object
from meshscope.overlay.applied import Applied, named
from meshscope.overlay.change import NotRebuilt, Reach
from meshscope.snapshot.snapshot import Problem

_NONE = (b"", b"null", b"{}")


class _Spec(Struct, frozen=True, rename="camel"):
    """The fields by which kinds of Istio and Services select."""

    selector: Raw = Raw()
    workload_selector: Raw = Raw()


class _Selecting(Struct, frozen=True):
    spec: _Spec = _Spec()


def unlabelled(after: Configuration, applied: Iterable[Applied]) -> Iterator[NotRebuilt]:
    clients = [client for client in after.clients if client.unknown]
    for one in applied if clients else ():
        for client in clients:
            if any(_asks_for_labels(side, client) for side in (one.before, one.after) if side):
                because = f"{client.unknown}, so that it may be for the proxy or not"
                yield NotRebuilt(
                    object=str(named(one.item)),
                    because=because,
                    proxy=client.name,
                    decides=Reach.REQUESTS,
                    location=one.item.location,
                )


def _asks_for_labels(item: Object, client: Client) -> bool:
    """Gateways and waypoints are selected by their labels for all that is bound to them."""
    if client.kind != "sidecar":
        return True
    found = decode(item, _Selecting)
    return not isinstance(found, Problem) and any(
        bytes(one) not in _NONE for one in (found.spec.selector, found.spec.workload_selector)
    )
