"""The proxy that a document describes: by its node id, else by its place in a known layout, else by its file's stem.

Documents beside a dump (`/clusters`, `/listeners`, `/certs` …) do not name their proxy. They belong to the proxy of the layout,
else to the only proxy of their folder, else to the only proxy of the snapshot.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from meshscope.istio.node import NodeId, parse_node_id
from meshscope.snapshot.snapshot import Captured, ProxyId
from meshscope.xds.node import Node

_ARCHIVES = (".tar.gz", ".tgz", ".tar", ".zip", ".gz")


def identity(captured: Captured, node: Node | None, wrapper: tuple[str | int, ...] = ()) -> ProxyId:
    """The identity of the proxy that a dump describes; `wrapper` are the names around it in its document."""
    if node_id := parse_node_id(node.id) if node else None:
        return ProxyId(captured.mesh_cluster, node_id.namespace, node_id.name)
    if captured.owner:
        return captured.owner
    if wrapper and isinstance(wrapper[-1], int):  # a client of a control plane has no name but its node's
        return ProxyId(captured.mesh_cluster, "", node.id if node else f"{stem(captured.document.name)}-{wrapper[-1]}")
    if wrapper:
        namespace, _, name = str(wrapper[-1]).rpartition("/")
        return ProxyId(captured.mesh_cluster, namespace, name)
    return ProxyId(captured.mesh_cluster, "", stem(captured.document.name))


def node_id_of(node: Node | None) -> NodeId | None:
    return parse_node_id(node.id) if node else None


def folder(captured: Captured) -> str:
    """The folder of a document inside its source, archives included."""
    return captured.document.name.replace("!", "/").rpartition("/")[0]


def stem(name: str) -> str:
    """`dump` of `some/where/dump.json`; `stdin` for the standard input."""
    if name == "-":
        return "stdin"
    last = PurePosixPath(name.replace("!", "/")).name
    for suffix in _ARCHIVES:
        last = last.removesuffix(suffix)
    return last.rsplit(".", 1)[0] or last
