"""Lists of objects, page by page, kept as the API server wrote them.

https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from urllib.parse import urlencode

import msgspec
from msgspec import Struct, field

from meshscope.collect.client import Answer
from meshscope.collect.collection import CANCELLED, Errand, Wanted
from meshscope.collect.kubernetes.cluster import FORBIDDEN, Cluster, message_of
from meshscope.collect.spool import Stored

PAGE = 500
"""Objects of one answer, as kubectl asks."""
BUSY = (429, 500, 502, 503, 504)
PAUSES = (0.4, 1.2)
"""Seconds before a busy API server is asked again."""
EXPIRED = 410
RESTARTS = 3
_KIND = "manifests"


class Listed(Struct, frozen=True):
    """The pages that came, in order; `failed` is what came in the place of the next, if the list is not whole."""

    pages: tuple[Stored, ...] = ()
    failed: Answer | None = None

    @property
    def is_forbidden(self) -> bool:
        return self.failed is not None and self.failed.status == FORBIDDEN


class _Meta(Struct):
    token: str = field(default="", name="continue")


class _List(Struct):
    metadata: _Meta = field(default_factory=_Meta)


async def list_all(errand: Errand, cluster: Cluster, path: str, **query: str) -> Listed:
    """Every page; a list that changed too much meanwhile for its token to hold is begun again."""
    for _ in range(RESTARTS):
        listed = await _from_the_start(errand, cluster, path, query)
        if not listed.pages or listed.failed is None or listed.failed.status != EXPIRED:
            break
    return listed


async def _from_the_start(errand: Errand, cluster: Cluster, path: str, query: dict[str, str]) -> Listed:
    pages: list[Stored] = []
    token = ""
    while True:
        asked = {**query, "limit": str(PAGE)} | ({"continue": token} if token else {})
        answer = await ask(errand, cluster, f"{path}?{urlencode(asked)}")
        if not answer.is_json or answer.stored is None:
            return Listed(tuple(pages), answer)
        try:
            token = msgspec.json.decode(answer.stored.load(), type=_List).metadata.token
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, OSError) as error:
            return Listed(tuple(pages), Answer(answer.status, error=f"cannot be read: {error}"))
        pages.append(answer.stored)
        if not token:
            return Listed(tuple(pages))


async def ask(errand: Errand, cluster: Cluster, path: str) -> Answer:
    """One GET, and again after a pause where the API server is busy."""
    for pause in (*PAUSES, None):
        errand.tally.expect(1)
        answer = await errand.get(cluster.api, path)
        if pause is None or answer.status not in BUSY or errand.tally.is_cancelled:
            break
        await asyncio.sleep(pause)
    return answer


def keep(errand: Errand, cluster: Cluster, path: str, listed: Listed, why: str = "") -> None:
    """Each page as a document; the one that did not come as a lost one, with `why` or what was said."""
    wanted = Wanted(path, _KIND)
    for number, page in enumerate(listed.pages, 1):
        errand.add(cluster.name + path + (f" (page {number})" if number > 1 else ""), page, wanted)
    if listed.failed is not None:
        said = why or explained(listed.failed)
        came = f"page {len(listed.pages) + 1} and all after it: " if listed.pages else ""
        errand.lose(cluster.api, Wanted(path, _KIND), came + said)


def explained(answer: Answer) -> str:
    return answer.said if answer.said == CANCELLED or answer.stored is None else message_of(answer)


def forbidden(what: str, where: str, *, verbs: Sequence[str] = ("get", "list")) -> str:
    return f"cannot {verbs[-1]} {what} in {where}: ask for verbs {', '.join(verbs)} on {what}"
