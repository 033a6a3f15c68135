"""istiod's debug endpoints, and old Pilots': what one replica knows, and what it sent to each proxy connected to it.

Every answer is one replica's; a proxy is connected to one of them. Endpoints are asked for by name, from the lists below
alone, and without any parameter that changes something (`push`, `clear`).
https://github.com/istio/istio/blob/master/pilot/pkg/xds/debug.go
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from urllib.parse import quote

import msgspec

from meshscope.collect.client import Answer, Asker
from meshscope.collect.collection import Errand, Wanted
from meshscope.istio.debug.connections import Connection, read_connections, read_connections_text

LIST = "/debug/list"
ENDPOINTS = (
    "adsz", "ambientz", "authenticationz", "authorizationz", "cachez", "cdsz", "clusterz", "configz", "connections",
    "edsz", "endpointShardz", "endpointz", "inject", "instancesz", "krtz", "mcsz", "mesh", "networkz", "push_status",
    "pushcontext", "registryz", "resourcesz", "syncz", "telemetryz",
)  # fmt: skip
"""What a replica tells of the whole mesh, in any release since 1.4."""
OLD = frozenset({"authenticationz", "cdsz", "edsz", "endpointz"})
"""Those up to Istio 1.9. Later `edsz` is about one proxy, and `endpointz` another word for endpointShardz."""
OF_A_PROXY = (
    ("config_dump?include_eds=true&proxyID=", "istiod_config_dump"),
    ("edsz?proxyID=", "istiod_edsz"),
    ("ndsz?proxyID=", "debug/ndsz"),
    ("sidecarz?proxyID=", "debug/sidecarz"),
)
REFUSED = (401, 403)
ABSENT = (400, 404)
"""A release without that endpoint, or a proxy that has left meanwhile."""
HOW_TO_BE_LET_IN = (
    "istiod lets in who comes from its own pod, as --from k8s: and kubectl port-forward do,"
    " or who has a token of a service account in its namespace: --token-file"
)


async def ask_istiod(errand: Errand, asker: Asker, istiod: str) -> bool:
    """Everything that one replica says; whether it answered at all. `istiod` is its pod, or where it was asked."""
    errand.tally.expect(1)
    listed = await errand.get(asker, LIST)
    if not listed.is_reached or listed.status in REFUSED:
        errand.lose(asker, Wanted(LIST, "debug/list", None, istiod), _explained(listed))
        return listed.is_reached
    known = _listed(listed)
    chosen = [name for name in ENDPOINTS if not known or name in known - OLD]
    errand.tally.expect(len(chosen) + 1)
    await errand.take(asker, Wanted("/version", "version", None, istiod, may_be_text=True), absent=ABSENT)
    answers = await asyncio.gather(
        *(_take(errand, asker, Wanted(f"/debug/{name}", f"debug/{name}", None, istiod)) for name in chosen)
    )
    clients = (
        _clients(answer) for name, answer in zip(chosen, answers, strict=True) if name in ("adsz", "connections")
    )
    await _proxies(errand, asker, istiod, known, next(filter(None, clients), ()))
    return True


def _listed(answer: Answer) -> frozenset[str]:
    """The names that a replica has, without parameters; none where it has no list (Istio before 1.10)."""
    try:
        names = msgspec.json.decode(answer.stored.load(), type=list[str]) if answer.is_json and answer.stored else []
    except (msgspec.DecodeError, UnicodeDecodeError, OSError):
        return frozenset()
    return frozenset(name.removeprefix("/debug/") for name in names if "?" not in name)


async def _take(errand: Errand, asker: Asker, wanted: Wanted) -> Answer | None:
    return await errand.take(asker, wanted, absent=ABSENT, explained=_explained)


def _explained(answer: Answer) -> str:
    return f"{answer.said} ({HOW_TO_BE_LET_IN})" if answer.status in REFUSED else answer.said


def _clients(answer: Answer | None) -> tuple[Connection, ...]:
    """The proxies that are connected to this replica."""
    if answer is None or answer.stored is None or answer.error:
        return ()
    body = answer.stored.load()
    found, problems = read_connections(msgspec.Raw(body.strip()), "")
    return found if not problems else read_connections_text(body)


async def _proxies(
    errand: Errand, asker: Asker, istiod: str, known: frozenset[str], clients: Iterable[Connection]
) -> None:
    """What this replica sent to each of its proxies."""
    asked = [(path, kind) for path, kind in OF_A_PROXY if not known or path.partition("?")[0] in known]
    several = list(clients)
    errand.tally.expect(len(asked) * len(several))
    together = asyncio.Semaphore(errand.live.concurrency)

    async def one(client: Connection) -> None:
        owner, proxy = errand.proxy(client.namespace, client.name), quote(_proxy_id(client), safe="~")
        async with together:
            for path, kind in asked:
                await _take(errand, asker, Wanted(f"/debug/{path}{proxy}", kind, owner, istiod))

    await asyncio.gather(*map(one, several))


def _proxy_id(client: Connection) -> str:
    """Old Pilots know a proxy by its node's id, without the connection's number."""
    return client.connection_id.rpartition("-")[0] if "~" in client.connection_id else client.connection_id
