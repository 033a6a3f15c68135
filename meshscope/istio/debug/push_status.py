"""istiod's /debug/push_status: conflicts and leftovers, as counted in the last push."""

from __future__ import annotations

from msgspec import Raw, Struct

from meshscope.istio.decoding import decode_slice
from meshscope.snapshot.snapshot import Problem


class PushStatus(Struct, frozen=True, order=True):
    """One key of one metric, with only the last proxy affected by it, or ""."""

    metric: str
    key: str
    proxy: str
    message: str


class _Event(Struct, frozen=True):
    proxy: str = ""
    message: str = ""


def read_push_status(body: Raw, document: str) -> tuple[PushStatus, ...] | Problem:
    """Today's answer is the metrics themselves; Istio 1.4 has them under `ProxyStatus`."""
    members = decode_slice(body, dict[str, Raw], document)
    if isinstance(members, Problem):
        return members
    events_by_metric = decode_slice(members.get("ProxyStatus", body), dict[str, dict[str, _Event]], document)
    if isinstance(events_by_metric, Problem):
        return events_by_metric
    return tuple(
        sorted(
            PushStatus(metric, key, event.proxy, event.message)
            for metric, events in events_by_metric.items()
            for key, event in events.items()
        )
    )
