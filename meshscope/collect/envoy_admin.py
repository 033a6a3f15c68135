"""Envoy's admin interface: every document that tells what a proxy holds.

https://www.envoyproxy.io/docs/envoy/latest/operations/admin
"""

from __future__ import annotations

import asyncio

import msgspec

from meshscope.collect.client import Answer, Asker
from meshscope.collect.collection import CANCELLED, NOT_FOUND, Errand, Wanted
from meshscope.collect.ztunnel import ask_ztunnel
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
"""The same piece by piece: `?resource=` takes the repeated fields of the dump's sections, and those alone."""
BESIDE = (
    ("/clusters?format=json", "clusters", True),
    ("/listeners?format=json", "listeners", True),
    ("/certs", "certs", False),
    ("/stats?format=json&usedonly", "stats", False),
    ("/init_dump", "init_dump", False),
    ("/memory", "memory", False),
    ("/runtime", "runtime", False),
)
"""Documents beside the configuration: path, kind, and whether an old Envoy answers a text."""
DOCUMENTS = len(BESIDE) + 2


class _Node(msgspec.Struct):
    id: str = ""


class _ServerInfo(msgspec.Struct):
    node: _Node = msgspec.field(default_factory=_Node)


async def ask_envoy(errand: Errand, asker: Asker, owner: ProxyId) -> bool:
    """Everything that one Envoy says, or a ztunnel at its place; whether anybody answered.

    `owner` is who it is taken for, unless its node tells. The caller has told the tally to expect DOCUMENTS.
    """
    info = await errand.get(asker, INFO)
    if not info.is_reached:
        errand.lose(asker, Wanted(DUMP, "config_dump", owner), info.said)
        errand.tally.finished(DOCUMENTS - 1)
        return False
    if info.status == NOT_FOUND:  # there is no Envoy without it
        errand.tally.finished(DOCUMENTS - 2)
        return await ask_ztunnel(errand, asker, owner)
    owner = _named(errand, info) or owner
    wanted = Wanted(INFO, "server_info", owner)
    if not errand.keep(asker, wanted, info):
        errand.lose(asker, wanted, info.said)
    beside = (errand.take(asker, Wanted(path, kind, owner, "", text)) for path, kind, text in BESIDE)
    await asyncio.gather(_configuration(errand, asker, owner), *beside)
    return True


def _named(errand: Errand, info: Answer) -> ProxyId | None:
    """The pod that Istio's node id names."""
    try:
        found = msgspec.json.decode(info.stored.load(), type=_ServerInfo) if info.stored else _ServerInfo()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, OSError):
        return None
    node_id = parse_node_id(found.node.id)
    return errand.proxy(node_id.namespace, node_id.name) if node_id else None


async def _configuration(errand: Errand, asker: Asker, owner: ProxyId) -> None:
    """The whole dump; where Envoy cannot write it (it holds a type that it was not built with), its parts.

    Who hangs is not asked 16 times more. The dump counts as lost where no part came: else those that did not come are.
    """
    whole = Wanted(DUMP, "config_dump", owner)
    if errand.recall(whole):
        errand.tally.finished()
        return
    answer = await errand.get(asker, DUMP)
    if errand.keep(asker, whole, answer):
        return
    is_able = answer.is_reached and not answer.is_late and answer.said != CANCELLED
    if is_able and await _parts(errand, asker, owner):
        errand.problem(asker.name + DUMP, answer.said)
    else:
        errand.lose(asker, whole, answer.said)


async def _parts(errand: Errand, asker: Asker, owner: ProxyId) -> bool:
    """Whether any came. They are asked for one after another: the proxy has trouble enough."""
    came = False
    errand.tally.expect(len(PARTS))
    for path in PARTS:
        part, wanted = await errand.get(asker, path), Wanted(path, "config_dump", owner)
        if part.stored is not None and part.stored.head.strip() == b"{}":
            continue  # nothing of that there, and nothing that says of what
        if errand.keep(asker, wanted, part):
            came = True
        elif part.status != NOT_FOUND:
            errand.lose(asker, wanted, part.said)
    return came
