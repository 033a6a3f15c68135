"""istiod's /debug/push_status: conflicts and leftovers that istiod counted when it last pushed."""

from __future__ import annotations

from msgspec import Raw, Struct

from meshscope.istio.decoding import decoded
from meshscope.snapshot.snapshot import Problem


class PushStatus(Struct, frozen=True, order=True):
    """One key of one metric. There is one entry a key: `proxy` is only the last one that met it, or ""."""

    metric: str
    key: str
    proxy: str
    message: str


class _Event(Struct, frozen=True):
    proxy: str = ""
    message: str = ""


def read_push_status(body: Raw, document: str) -> tuple[PushStatus, ...] | Problem:
    """Today's answer is the metrics; Istio 1.4 puts them under `ProxyStatus`."""
    members = decoded(body, dict[str, Raw], document)
    if isinstance(members, Problem):
        return members
    found = decoded(members.get("ProxyStatus", body), dict[str, dict[str, _Event]], document)
    if isinstance(found, Problem):
        return found
    return tuple(
        sorted(
            PushStatus(metric, key, event.proxy, event.message)
            for metric, events in found.items()
            for key, event in events.items()
        )
    )
