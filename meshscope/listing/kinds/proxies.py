"""Proxies: those that were captured, and those that only a control plane lists; sync states as in `istioctl proxy-status`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from msgspec.structs import replace

from meshscope.istio.debug.connections import ProxyConnection
from meshscope.istio.debug.ztunnel import read_ztunnel
from meshscope.istio.node import kind_of_type
from meshscope.listing.column import Column
from meshscope.listing.kind import Kind
from meshscope.listing.row import Row
from meshscope.listing.selection import Selection, fits
from meshscope.listing.steps import steps
from meshscope.location import Location
from meshscope.mesh.control_plane import Synced
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.network.data_planes import AGENTGATEWAY
from meshscope.mesh.proxy import Answer, Proxy
from meshscope.mesh.proxy_documents import identity
from meshscope.snapshot.snapshot import Problem
from meshscope.work import UNFOLLOWED, Work


class ProxyRow(Row, frozen=True, kw_only=True):
    """`kind` is sidecar, gateway, waypoint, ztunnel, envoy or agentgateway. `view` is envoy or istiod: whose account was
    captured.

    `cds` … `ecds` are synced, stale, not_sent or error, null where no control plane was captured.
    """

    name: str
    namespace: str = ""
    workload: str = ""
    app: str = ""
    kind: str = ""
    ip: str | None = None
    istio_version: str | None = None
    envoy_version: str | None = None
    node_id: str | None = None
    view: str | None = None
    captured_at: str | None = None
    mesh_cluster: str | None = None
    istiod: str | None = None
    revision: str | None = None
    cds: str | None = None
    lds: str | None = None
    eds: str | None = None
    rds: str | None = None
    ecds: str | None = None


def rows(mesh: Mesh, selection: Selection, work: Work = UNFOLLOWED) -> Iterator[ProxyRow]:
    is_unfiltered = not (selection.proxy or selection.labels)
    chosen = selection.proxies(mesh) if not is_unfiltered or mesh.proxies else ()
    captured = {(proxy.id.namespace, proxy.id.name) for proxy in mesh.proxies}
    for proxy in steps(chosen, work):
        if fits(selection.name, proxy.name, proxy.id.name):
            yield _captured(mesh, proxy)
    if is_unfiltered:
        for namespace, name in sorted({*mesh.synced, *mesh.connections} - captured):
            if selection.namespace in ("", namespace) and fits(selection.name, name, f"{name}.{namespace}"):
                yield _connected(mesh, namespace, name)
        for answer in mesh.answers_of("ztunnel"):
            row = _ztunnel(answer)
            if selection.namespace in ("", row.namespace) and fits(selection.name, row.name):
                yield row
        for answer in mesh.answers_of(AGENTGATEWAY):
            row = _unmodelled(answer)
            if selection.namespace in ("", row.namespace) and fits(selection.name, row.name):
                yield row


def _captured(mesh: Mesh, proxy: Proxy) -> ProxyRow:
    key = (proxy.id.namespace, proxy.id.name)
    node, sync = proxy.node, mesh.synced.get(key)
    connection = mesh.connections.get(key)
    row = ProxyRow(
        name=proxy.name,
        namespace=proxy.id.namespace,
        workload=proxy.workload,
        app=proxy.node.label("app") if proxy.node else "",
        kind=mesh.kind_of(proxy),
        ip=proxy.node_id.ip if proxy.node_id else None,
        istio_version=(node.istio_version if node else "") or _version(sync, connection),
        envoy_version=proxy.envoy_version or None,
        node_id=node.id if node else None,
        view=proxy.view or None,
        captured_at=proxy.account.captured_at or None,
        mesh_cluster=proxy.id.mesh_cluster or None,
        revision=node.label("istio.io/rev") or None if node else None,
        location=Location(proxy.account.captured[0].document) if proxy.account.captured else None,
    )
    return _with_sync(row, sync)


def _connected(mesh: Mesh, namespace: str, name: str) -> ProxyRow:
    sync, connection = mesh.synced.get((namespace, name)), mesh.connections.get((namespace, name))
    node_type = (sync.sync.proxy_type if sync else "") or (connection.proxy_type if connection else "")
    row = ProxyRow(
        name=f"{name}.{namespace}" if namespace else name,
        namespace=namespace,
        kind=kind_of_type(node_type) if node_type else "",
        istio_version=_version(sync, connection),
        mesh_cluster=sync.sync.mesh_cluster or None if sync else None,
    )
    return _with_sync(row, sync)


def _ztunnel(answer: Answer) -> ProxyRow:
    captured = answer.captured
    owner = identity(captured, None)
    value = answer.value
    result = read_ztunnel(value, captured.document.name) if value is not None else None
    dump = None if result is None or isinstance(result, Problem) else result[0]
    return ProxyRow(
        name=str(owner),
        namespace=owner.namespace,
        workload="ztunnel",
        kind="ztunnel",
        istio_version=dump.version or None if dump else None,
        view="ztunnel",
        captured_at=captured.captured_at or None,
        mesh_cluster=owner.mesh_cluster or (dump.mesh_cluster if dump else "") or None,
        location=Location(captured.document),
    )


def _unmodelled(answer: Answer) -> ProxyRow:
    captured = answer.captured
    owner = identity(captured, None)
    return ProxyRow(
        name=str(owner),
        namespace=owner.namespace,
        kind=answer.kind,
        view=answer.kind,
        captured_at=captured.captured_at or None,
        mesh_cluster=owner.mesh_cluster or None,
        location=Location(captured.document),
    )


def _version(sync: Synced | None, connection: ProxyConnection | None) -> str | None:
    return (sync.sync.istio_version if sync else "") or (connection.istio_version if connection else "") or None


def _with_sync(row: ProxyRow, synced: Synced | None) -> ProxyRow:
    if synced is None:
        return row
    sync = synced.sync
    return replace(
        row, cds=sync.cds, lds=sync.lds, eds=sync.eds, rds=sync.rds, ecds=sync.ecds, istiod=synced.istiod or None
    )


def _short_version(row: ProxyRow) -> str | None:
    """With a commit as git abbreviates it: `1.32-alpha.86c9f01`."""
    version = row.istio_version
    return re.sub(r"\b([0-9a-f]{7})[0-9a-f]{33}\b", r"\1", version) if version else version


def _sync_state(title: str, state: Callable[[ProxyRow], str | None], rank: int = 0) -> Column[ProxyRow]:
    return Column(title, lambda row: (state(row) or "-").upper().replace("_", " "), rank)


KIND: Kind[ProxyRow] = Kind(
    name="proxies",
    filters=("proxy", "namespace", "labels", "name"),
    singular="proxy",
    row=ProxyRow,
    rows=rows,
    key=lambda row: row.name,
    aliases=lambda row: (row.name.removesuffix(f".{row.namespace}"), row.workload, row.app),
    columns=(
        Column("NAME", lambda row: row.name),
        Column("CLUSTER", lambda row: row.mesh_cluster, wide=True),
        Column("KIND", lambda row: row.kind),
        _sync_state("CDS", lambda row: row.cds),
        _sync_state("LDS", lambda row: row.lds),
        _sync_state("EDS", lambda row: row.eds),
        _sync_state("RDS", lambda row: row.rds),
        _sync_state("ECDS", lambda row: row.ecds, rank=4),
        Column("ISTIOD", lambda row: row.istiod, rank=3),
        Column("VERSION", _short_version, rank=1),
        Column("ENVOY", lambda row: row.envoy_version, rank=2),
        Column("IP", lambda row: row.ip, wide=True),
        Column("WORKLOAD", lambda row: row.workload, wide=True),
        Column("VIEW", lambda row: row.view, wide=True),
        Column("CAPTURED", lambda row: row.captured_at, wide=True),
    ),
)
