"""ztunnel's admin interface: one document, /config_dump.

https://github.com/istio/ztunnel/blob/master/src/admin.rs
"""

from __future__ import annotations

from meshscope.collect.client import DocumentClient
from meshscope.collect.collection import DocumentRequest, SourceCollection
from meshscope.snapshot.snapshot import ProxyId


async def collect_ztunnel(collection: SourceCollection, client: DocumentClient, owner: ProxyId) -> bool:
    """The dump of one ztunnel; whether the server was reached."""
    response = await collection.fetch(client, DocumentRequest("/config_dump", "ztunnel", owner), absent=())
    return response is None or response.is_reached
