"""Lists of objects, page by page, stored as the API server wrote them.

https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from urllib.parse import urlencode

import msgspec
from msgspec import Struct, field

from meshscope.collect.client import HttpResponse
from meshscope.collect.collection import DocumentRequest, SourceCollection
from meshscope.collect.kubernetes.cluster import FORBIDDEN, KubernetesCluster, status_message
from meshscope.collect.spool import StoredBody

PAGE = 500
"""Objects of one page, as kubectl requests."""
MOST_PAGES = 2_000
"""Pages of one list: a million objects."""
BUSY = (429, 500, 502, 503, 504)
PAUSES = (0.4, 1.2)
"""Seconds before a busy API server is asked again."""
EXPIRED = 410
RESTARTS = 3
_KIND = "manifests"


class ObjectList(Struct, frozen=True):
    """The captured pages, in order; `failed` is the response instead of the next page if the list is incomplete."""

    pages: tuple[StoredBody, ...] = ()
    failed: HttpResponse | None = None

    @property
    def is_forbidden(self) -> bool:
        return self.failed is not None and self.failed.status == FORBIDDEN


class _Meta(Struct):
    token: str = field(default="", name="continue")


class _List(Struct):
    metadata: _Meta = field(default_factory=_Meta)


async def list_all(collection: SourceCollection, cluster: KubernetesCluster, path: str, **query: str) -> ObjectList:
    """Every page. The list is started again if its continue token has expired."""
    for _ in range(RESTARTS):
        objects = await _list_once(collection, cluster, path, query)
        if not objects.pages or objects.failed is None or objects.failed.status != EXPIRED:
            break
    return objects


async def _list_once(
    collection: SourceCollection, cluster: KubernetesCluster, path: str, query: dict[str, str]
) -> ObjectList:
    pages: list[StoredBody] = []
    token = ""
    seen = {token}
    for _ in range(MOST_PAGES):
        parameters = {**query, "limit": str(PAGE)} | ({"continue": token} if token else {})
        response = await get_patiently(collection, cluster, f"{path}?{urlencode(parameters)}")
        if not response.is_json or response.body is None:
            return ObjectList(tuple(pages), response)
        try:
            token = msgspec.json.decode(response.body.load(), type=_List).metadata.token
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, OSError) as error:
            return ObjectList(tuple(pages), HttpResponse(response.status, error=f"cannot be read: {error}"))
        pages.append(response.body)
        if not token:
            return ObjectList(tuple(pages))
        if token in seen:
            return ObjectList(
                tuple(pages), HttpResponse(error="not requested: the API server repeats a continue token")
            )
        seen.add(token)
    return ObjectList(tuple(pages), HttpResponse(error=f"not requested: a list has at most {MOST_PAGES:,} pages"))


async def get_patiently(collection: SourceCollection, cluster: KubernetesCluster, path: str) -> HttpResponse:
    """GET, repeated after a pause while the API server is busy."""
    for pause in (*PAUSES, None):
        collection.progress.expect(1)
        response = await collection.get(cluster.api, path)
        if pause is None or response.status not in BUSY or collection.progress.is_cancelled:
            break
        await asyncio.sleep(pause)
    return response


def store_list(
    collection: SourceCollection, cluster: KubernetesCluster, path: str, objects: ObjectList, why: str = ""
) -> None:
    """Stores each page as a document, and records the failed one with `why`, or else with the response's error."""
    request = DocumentRequest(path, _KIND)
    for number, page in enumerate(objects.pages, 1):
        collection.add(cluster.name + path + (f" (page {number})" if number > 1 else ""), page, request)
    if objects.failed is not None:
        message = why or status_message(objects.failed)
        pages = f"page {len(objects.pages) + 1} and all after it: " if objects.pages else ""
        collection.record_failure(cluster.api, request, pages + message)


def permission_hint(what: str, where: str, *, verbs: Sequence[str] = ("get", "list")) -> str:
    return f"cannot {verbs[-1]} {what} in {where}: ask for verbs {', '.join(verbs)} on {what}"
