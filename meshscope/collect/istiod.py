"""The debug endpoints of istiod and of old Pilots: the state of one replica, and what it sent to each connected proxy.

Each response describes one replica; a proxy is connected to one replica. Only the endpoints listed below are requested, without
any parameter that changes something (`push`, `clear`).
https://github.com/istio/istio/blob/master/pilot/pkg/xds/debug.go
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from urllib.parse import quote

import msgspec

from meshscope.collect.client import DocumentClient, HttpResponse
from meshscope.collect.collection import DocumentRequest, SourceCollection
from meshscope.istio.debug.connections import ProxyConnection, read_connections, read_connections_text

LIST = "/debug/list"
ENDPOINTS = (
    "adsz", "ambientz", "authenticationz", "authorizationz", "cachez", "cdsz", "clusterz", "configz", "connections",
    "edsz", "endpointShardz", "endpointz", "inject", "instancesz", "krtz", "mcsz", "mesh", "networkz", "push_status",
    "pushcontext", "registryz", "resourcesz", "syncz", "telemetryz",
)  # fmt: skip
"""Endpoints about the whole mesh, in any release since 1.4."""
BEFORE_1_10 = frozenset({"authenticationz", "cdsz", "edsz", "endpointz"})
"""Endpoints up to Istio 1.9. Later `edsz` is about one proxy, and `endpointz` is another name of endpointShardz."""
PROXY_ENDPOINTS = (
    ("config_dump?include_eds=true&proxyID=", "istiod_config_dump"),
    ("edsz?proxyID=", "istiod_edsz"),
    ("ndsz?proxyID=", "debug/ndsz"),
    ("sidecarz?proxyID=", "debug/sidecarz"),
)
"""Endpoints about one proxy: path below /debug/, and the document's kind."""
MOST_PROXIES = 10_000
"""Proxies of one replica: ten times what one serves. A run has no more documents than can be read (`MOST_MEMBERS`)."""
UNAUTHORISED = (401, 403)
ABSENT = (400, 404)
"""The release lacks the endpoint, or the proxy has disconnected meanwhile."""
AUTHORISATION_HINT = (
    "istiod accepts connections from its own pod, as --from k8s: and kubectl port-forward make them,"
    " and tokens of a service account in its namespace: --token-file"
)


async def collect_istiod(collection: SourceCollection, client: DocumentClient, istiod: str) -> bool:
    """Every document of one replica; whether the server was reached. `istiod` is its pod, or else its address."""
    collection.progress.expect(1)
    list_response = await collection.get(client, LIST)
    if not list_response.is_reached or list_response.status in UNAUTHORISED:
        request = DocumentRequest(LIST, "debug/list", None, istiod)
        collection.record_failure(client, request, _failure(list_response))
        return list_response.is_reached
    available = _available(list_response)
    names = [name for name in ENDPOINTS if not available or name in available - BEFORE_1_10]
    collection.progress.expect(len(names) + 1)
    version = DocumentRequest("/version", "version", None, istiod, may_be_text=True)
    await collection.fetch(client, version, absent=ABSENT)
    requests = [DocumentRequest(f"/debug/{name}", f"debug/{name}", None, istiod) for name in names]
    responses = await asyncio.gather(*(_fetch(collection, client, request) for request in requests))
    connections = (
        _connections(response)
        for name, response in zip(names, responses, strict=True)
        if name in ("adsz", "connections")
    )
    await _collect_proxies(collection, client, istiod, available, next(filter(None, connections), ()))
    return True


def _available(response: HttpResponse) -> frozenset[str]:
    """The endpoints of a replica, without parameters; empty if it has no list (Istio before 1.10)."""
    try:
        names = msgspec.json.decode(response.body.load(), type=list[str]) if response.is_json and response.body else []
    except (msgspec.DecodeError, UnicodeDecodeError, OSError):
        return frozenset()
    return frozenset(name.removeprefix("/debug/") for name in names if "?" not in name)


async def _fetch(collection: SourceCollection, client: DocumentClient, request: DocumentRequest) -> HttpResponse | None:
    return await collection.fetch(client, request, absent=ABSENT, explain=_failure)


def _failure(response: HttpResponse) -> str:
    return f"{response.failure} ({AUTHORISATION_HINT})" if response.status in UNAUTHORISED else response.failure


def _connections(response: HttpResponse | None) -> tuple[ProxyConnection, ...]:
    """The proxies that are connected to this replica."""
    if response is None or response.body is None or response.error:
        return ()
    body = response.body.load()
    connections, problems = read_connections(msgspec.Raw(body.strip()), "")
    return connections if not problems else read_connections_text(body)


async def _collect_proxies(
    collection: SourceCollection,
    client: DocumentClient,
    istiod: str,
    available: frozenset[str],
    connections: Iterable[ProxyConnection],
) -> None:
    """What this replica sent to each of its proxies."""
    endpoints = [(path, kind) for path, kind in PROXY_ENDPOINTS if not available or path.partition("?")[0] in available]
    proxies = list(connections)
    if (more := len(proxies) - MOST_PROXIES) > 0:
        del proxies[MOST_PROXIES:]
        collection.add_problem(
            client.name, f"a replica has at most {MOST_PROXIES:,} proxies: {more:,} are not requested"
        )
    collection.progress.expect(len(endpoints) * len(proxies))
    slots = asyncio.Semaphore(collection.live.concurrency)

    async def collect_proxy(proxy: ProxyConnection) -> None:
        owner, proxy_id = collection.proxy_id(proxy.namespace, proxy.name), quote(_proxy_id(proxy), safe="~")
        async with slots:
            for path, kind in endpoints:
                await _fetch(collection, client, DocumentRequest(f"/debug/{path}{proxy_id}", kind, owner, istiod))

    await asyncio.gather(*map(collect_proxy, proxies))


def _proxy_id(proxy: ProxyConnection) -> str:
    """Old Pilots identify a proxy by its node id, without the connection's number."""
    return proxy.connection_id.rpartition("-")[0] if "~" in proxy.connection_id else proxy.connection_id
