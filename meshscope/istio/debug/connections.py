"""istiod's /debug/adsz and /debug/connections: the proxies connected to one istiod replica.

Pilot up to 1.9 writes its /debug/adsz with a text template: an array of node ids, often not valid JSON.
"""

from __future__ import annotations

import re

import msgspec
from msgspec import Raw, Struct

from meshscope.istio.decoding import decode_rows, decode_slice, decode_slices
from meshscope.istio.labels import Labels
from meshscope.istio.node import parse_node_id
from meshscope.snapshot.snapshot import Problem


class ProxyConnection(Struct, frozen=True):
    """A connected proxy. Fields that /debug/connections and old Pilots omit are "".

    `address` is the peer's, `connected_at` as istiod wrote it (RFC 3339, or Go's time format in Istio 1.4), `mesh_cluster`
    and `network` are from the proxy's node metadata.
    """

    connection_id: str
    name: str
    namespace: str
    proxy_type: str = ""
    address: str = ""
    connected_at: str = ""
    istio_version: str = ""
    mesh_cluster: str = ""
    network: str = ""
    labels: Labels = Labels()


class _Metadata(Struct, frozen=True, rename="upper"):
    istio_version: str = ""
    cluster_id: str = ""
    network: str = ""
    labels: Labels = Labels()


class _Client(Struct, frozen=True, rename="camel"):
    connection_id: str
    connected_at: str = ""
    address: str = ""
    proxy_type: str = ""
    labels: Labels = Labels()
    metadata: _Metadata = _Metadata()


class _Clients(Struct, frozen=True):
    clients: tuple[Raw, ...] = ()


class _OldClient(Struct, frozen=True):
    node: str
    addr: str = ""
    connect: str = ""


def read_connections(body: Raw, document: str) -> tuple[tuple[ProxyConnection, ...], tuple[Problem, ...]]:
    """Of an answer in JSON: today's object, or the array of old Pilots."""
    if bytes(memoryview(body)[:1]) == b"[":
        old, problems = decode_rows(body, _OldClient, document)
        return tuple(_old_connection(client) for client in old), problems
    answer = decode_slice(body, _Clients, document)
    if isinstance(answer, Problem):
        return (), (answer,)
    clients = ((f"clients[{index}]", client) for index, client in enumerate(answer.clients))
    decoded, problems = decode_slices(clients, _Client, document)
    return tuple(_connection(client) for client in decoded), problems


_NODE = rb'"node"\s*:\s*("(?:[^"\\]|\\.)*")'


def read_connections_text(body: bytes) -> tuple[ProxyConnection, ...]:
    """The node ids in an old Pilot's answer that is not valid JSON."""
    return tuple(_old_connection(_OldClient(node)) for node in _strings(re.findall(_NODE, body)))


def _strings(quoted: list[bytes]) -> list[str]:
    texts = []
    for text in quoted:
        try:
            texts.append(msgspec.json.decode(text, type=str))
        except msgspec.DecodeError:
            continue
    return texts


def _connection(client: _Client) -> ProxyConnection:
    """The connection id is `pod.namespace-N`."""
    name, _, namespace = client.connection_id.rpartition("-")[0].rpartition(".")
    meta = client.metadata
    return ProxyConnection(
        client.connection_id,
        name or client.connection_id,
        namespace,
        client.proxy_type,
        client.address,
        client.connected_at,
        meta.istio_version,
        meta.cluster_id,
        meta.network,
        client.labels or meta.labels,
    )


def _old_connection(client: _OldClient) -> ProxyConnection:
    """The connection id is the node id with `-N`."""
    node = parse_node_id(client.node.rpartition("-")[0])
    return ProxyConnection(
        client.node,
        node.name if node else client.node,
        node.namespace if node else "",
        node.type if node else "",
        client.addr,
        client.connect,
    )
