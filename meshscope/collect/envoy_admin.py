"""Envoy's admin interface: every document about a proxy's configuration and state.

https://www.envoyproxy.io/docs/envoy/latest/operations/admin
"""

from __future__ import annotations

import asyncio

import msgspec

from meshscope.collect.client import DocumentClient, HttpResponse
from meshscope.collect.collection import CANCELLED, NOT_FOUND, OK, DocumentRequest, SourceCollection
from meshscope.collect.ztunnel import collect_ztunnel
from meshscope.istio.node import parse_node_id
from meshscope.snapshot.snapshot import ProxyId

INFO = "/server_info"
DUMP = "/config_dump?include_eds"
PARTS = (
    "/config_dump?mask=bootstrap",
    *(f"/config_dump?resource={section}" for section in (
        "static_listeners", "dynamic_listeners",
        "static_clusters", "dynamic_active_clusters", "dynamic_warming_clusters",
        "static_route_configs", "dynamic_route_configs",
        "inline_scoped_route_configs", "dynamic_scoped_route_configs",
        "static_endpoint_configs", "dynamic_endpoint_configs",
        "static_secrets", "dynamic_active_secrets", "dynamic_warming_secrets",
        "ecds_filters",
    )),
)  # fmt: skip
"""The dump in parts. `?resource=` accepts only the repeated fields of the dump's sections."""
BESIDE = (
    ("/clusters?format=json", "clusters", True),
    ("/listeners?format=json", "listeners", True),
    ("/certs", "certs", False),
    ("/stats?format=json&usedonly", "stats", False),
    ("/init_dump", "init_dump", False),
    ("/memory", "memory", False),
    ("/runtime", "runtime", False),
)
"""Documents beside the configuration: path, kind, and whether an old Envoy answers with plain text."""
DOCUMENTS = len(BESIDE) + 2


class _Node(msgspec.Struct):
    id: str = ""


class _ServerInfo(msgspec.Struct):
    node: _Node = msgspec.field(default_factory=_Node)


async def collect_envoy(collection: SourceCollection, client: DocumentClient, owner: ProxyId) -> bool:
    """Every document of one Envoy, or of a ztunnel in its place; whether the server was reached.

    `owner` is assumed unless the node id names the proxy. The caller has made `progress` expect DOCUMENTS.
    """
    info = await collection.get(client, INFO)
    if not info.is_reached or info.is_timeout or info.is_endless:  # a few hundred bytes: nothing else will come either
        collection.record_failure(client, DocumentRequest(DUMP, "config_dump", owner), info.failure)
        collection.progress.finish(DOCUMENTS - 1)
        return False
    if info.status == NOT_FOUND:  # every Envoy has it
        collection.progress.finish(DOCUMENTS - 2)
        return await collect_ztunnel(collection, client, owner)
    if info.status == OK and not info.error and not info.is_json:  # a web server that has a page for every path
        failure = f"no Envoy's admin: {INFO} is answered with {info.failure!r}"
        collection.record_failure(client, DocumentRequest(DUMP, "config_dump", owner), failure)
        collection.progress.finish(DOCUMENTS - 1)
        return False
    owner = _owner(collection, info) or owner
    request = DocumentRequest(INFO, "server_info", owner)
    if not collection.store(client, request, info):
        collection.record_failure(client, request, info.failure)
    others = (collection.fetch(client, DocumentRequest(path, kind, owner, "", text)) for path, kind, text in BESIDE)
    await asyncio.gather(_collect_configuration(collection, client, owner), *others)
    return True


def _owner(collection: SourceCollection, info: HttpResponse) -> ProxyId | None:
    """The pod that Istio's node id names."""
    try:
        server = msgspec.json.decode(info.body.load(), type=_ServerInfo) if info.body else _ServerInfo()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, OSError):
        return None
    node_id = parse_node_id(server.node.id)
    return collection.proxy_id(node_id.namespace, node_id.name) if node_id else None


async def _collect_configuration(collection: SourceCollection, client: DocumentClient, owner: ProxyId) -> None:
    """The whole dump, or its parts where Envoy cannot write the whole (it holds a type that it was not built with).

    A server that hangs is not asked 16 times more. The dump counts as failed if no part was captured, else only the failed
    parts do.
    """
    whole = DocumentRequest(DUMP, "config_dump", owner)
    if collection.reuse(whole):
        collection.progress.finish()
        return
    response = await collection.get(client, DUMP)
    if collection.store(client, whole, response):
        return
    is_able = response.is_reached and not response.is_timeout and response.failure != CANCELLED
    if is_able and await _collect_parts(collection, client, owner):
        collection.add_problem(client.name + DUMP, response.failure)
    else:
        collection.record_failure(client, whole, response.failure)


async def _collect_parts(collection: SourceCollection, client: DocumentClient, owner: ProxyId) -> bool:
    """Whether any part was captured. Parts are requested one after another, to spare a proxy in trouble."""
    is_any_captured = False
    collection.progress.expect(len(PARTS))
    for path in PARTS:
        part, request = await collection.get(client, path), DocumentRequest(path, "config_dump", owner)
        if part.body is not None and part.body.head.strip() == b"{}":
            continue  # an empty section, which does not say of what
        if collection.store(client, request, part):
            is_any_captured = True
        elif part.status != NOT_FOUND:
            collection.record_failure(client, request, part.failure)
    return is_any_captured
