"""Bootstraps: the node's id, the address of the admin listener, the static runtime and resources.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/bootstrap/v3/bootstrap.proto
"""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.envoy.resource import BOOTSTRAP
from meshscope.listing.column import PROXY, Column
from meshscope.listing.kind import Kind
from meshscope.listing.row import RowOfProxy
from meshscope.listing.selection import Selection
from meshscope.listing.steps import parts, steps
from meshscope.mesh.mesh import Mesh
from meshscope.work import UNFOLLOWED, Work
from meshscope.xds.bootstrap import Bootstrap
from meshscope.xds.message import Undecodable


class BootstrapRow(RowOfProxy, frozen=True, kw_only=True):
    """`runtime` holds the values of the static layers of `layered_runtime`, as `key=value`."""

    node: str
    admin: str
    runtime: tuple[str, ...]
    static_listeners: int
    static_clusters: int
    node_cluster: str = ""
    error: str | None = None


def rows(mesh: Mesh, selection: Selection, work: Work = UNFOLLOWED) -> Iterator[BootstrapRow]:
    for proxy, share in parts(selection.proxies(mesh), work):
        for resource in steps(proxy.resources(BOOTSTRAP), share):
            body = proxy.read(resource, Bootstrap)
            bootstrap = Bootstrap() if isinstance(body, Undecodable) else body
            admin = bootstrap.admin.address if bootstrap.admin else None
            yield BootstrapRow(
                proxy=proxy.name,
                node=bootstrap.node.id if bootstrap.node else "",
                admin=str(admin) if admin else "",
                runtime=tuple(
                    f"{key}={value}"
                    for layer in bootstrap.layered_runtime.layers
                    for key, value in layer.static_layer.items()
                ),
                static_listeners=len(bootstrap.static_resources.listeners),
                static_clusters=len(bootstrap.static_resources.clusters),
                node_cluster=bootstrap.node.cluster if bootstrap.node else "",
                error=body.why if isinstance(body, Undecodable) else None,
                state=resource.state,
                location=resource.location,
            )


KIND: Kind[BootstrapRow] = Kind(
    name="bootstrap",
    filters=("proxy", "namespace", "labels"),
    singular="bootstrap",
    row=BootstrapRow,
    resource=BOOTSTRAP,
    rows=rows,
    key=lambda row: row.proxy,
    columns=(
        PROXY,
        Column("NODE", lambda row: row.node),
        Column("ADMIN", lambda row: row.admin),
        Column("STATIC LISTENERS", lambda row: row.static_listeners, rank=1),
        Column("STATIC CLUSTERS", lambda row: row.static_clusters, rank=1),
        Column("RUNTIME", lambda row: row.runtime, wide=True),
    ),
)
