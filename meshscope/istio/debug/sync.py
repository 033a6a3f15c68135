"""istiod's /debug/syncz: whether each proxy has acknowledged its configuration.

Versions and nonces are comparable only within one row. STALE for some seconds during a push is normal, and a proxy that
is in sync may still wait for a secret.
"""

from __future__ import annotations

from msgspec import Raw, Struct

from meshscope.istio.decoding import decode_rows
from meshscope.snapshot.snapshot import Problem


class ProxySync(Struct, frozen=True):
    """One connection of a proxy to this istiod. Each state is synced, stale, not_sent or error.

    `errors` has the type (`cds`, …) and the proxy's message for every rejection. `endpoint_percent` exists in Istio 1.4 only.
    """

    name: str
    namespace: str
    mesh_cluster: str
    proxy_type: str
    istio_version: str
    cds: str
    lds: str
    eds: str
    rds: str
    ecds: str
    errors: tuple[tuple[str, str], ...] = ()
    endpoint_percent: int | None = None


class _Resource(Struct, frozen=True, rename="camel"):
    sent: str = ""
    acked: str = ""
    last_error: str = ""


class _Row(Struct, frozen=True):
    proxy: str
    cluster_id: str = ""
    proxy_type: str = ""
    istio_version: str = ""
    proxy_version: str = ""
    cluster_sent: str = ""
    cluster_acked: str = ""
    listener_sent: str = ""
    listener_acked: str = ""
    endpoint_sent: str = ""
    endpoint_acked: str = ""
    endpoint_percent: int | None = None
    route_sent: str = ""
    route_acked: str = ""
    extensionconfig_sent: str = ""
    extensionconfig_acked: str = ""
    resources: dict[str, _Resource] = {}


_TYPES = {
    "cds": "type.googleapis.com/envoy.config.cluster.v3.Cluster",
    "lds": "type.googleapis.com/envoy.config.listener.v3.Listener",
    "eds": "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment",
    "rds": "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
    "ecds": "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig",
}


def read_sync(body: Raw, document: str) -> tuple[tuple[ProxySync, ...], tuple[Problem, ...]]:
    connections, problems = decode_rows(body, _Row, document)
    return tuple(_sync(row) for row in connections), problems


def sync_state(sent: str, acked: str, error: str = "") -> str:
    """As in `istioctl proxy-status` (pilot/pkg/xds/statusgen.go). `not_sent` is normal for a type the proxy does not need."""
    if error:
        return "error"
    if not sent:
        return "not_sent"
    return "synced" if sent == acked else "stale"


def _sync(row: _Row) -> ProxySync:
    sent = {
        "cds": (row.cluster_sent, row.cluster_acked),
        "lds": (row.listener_sent, row.listener_acked),
        "eds": (row.endpoint_sent, row.endpoint_acked),
        "rds": (row.route_sent, row.route_acked),
        "ecds": (row.extensionconfig_sent, row.extensionconfig_acked),
    }
    states: dict[str, str] = {}
    errors: list[tuple[str, str]] = []
    for word, type_url in _TYPES.items():
        resource = row.resources.get(type_url, _Resource(*sent[word]))
        states[word] = sync_state(resource.sent, resource.acked, resource.last_error)
        if resource.last_error:
            errors.append((word, resource.last_error))
    name, _, namespace = row.proxy.rpartition(".")
    return ProxySync(
        name or namespace,
        namespace if name else "",
        row.cluster_id,
        row.proxy_type,
        row.istio_version or row.proxy_version,
        **states,
        errors=tuple(errors),
        endpoint_percent=row.endpoint_percent,
    )
