"""Filter chains of a gateway's servers that speak HTTP, plain or in TLS."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from meshscope.effect.answer import Difference
from meshscope.effect.clients import Client
from meshscope.overlay.change import Change, Kind
from meshscope.overlay.draft import Json
from meshscope.overlay.gateways.changes import part_change
from meshscope.overlay.gateways.examples import manager_of
from meshscope.overlay.gateways.servers import Speaks, TakenServer
from meshscope.overlay.gateways.sockets import Example, server_socket
from meshscope.overlay.written_rule import WrittenRule
from meshscope.xds.filter_chain import FilterChain
from meshscope.xds.message import decode
from meshscope.xds.tls import DownstreamTlsContext

_STATS = "outbound_"


def made_chain(one: TakenServer, like: Json) -> Json:
    """After another chain of the proxy, yet without TLS of its own."""
    chain: dict[str, Any] = copy.deepcopy(like)
    chain.pop("transport_socket", None)
    manager = manager_of(chain)
    assert manager is not None  # noqa: S101  # such chains alone are examples
    manager["rds"]["route_config_name"] = one.table
    if manager.get("stat_prefix", "").startswith(_STATS):
        end = ";" if manager["stat_prefix"].endswith(";") else ""
        manager["stat_prefix"] = f"{_STATS}{one.listener}{end}"
    matched(chain, one)
    return chain


def matched(chain: Json, one: TakenServer) -> None:
    """Asks for the server's names; plain HTTP has none."""
    chain.pop("filter_chain_match", None)
    if one.names and one.speaks is Speaks.HTTPS:
        chain["filter_chain_match"] = {"server_names": sorted(one.names)}


def with_socket(chain: Json, one: TakenServer, examples: Iterable[Example]) -> bool:
    """Gives it the server's TLS; False where nothing tells how."""
    tls = one.server.tls
    socket = server_socket(one.server.port.protocol.upper(), tls, examples) if tls else None
    if socket is not None:
        chain["transport_socket"] = socket
    return socket is not None


def chain_change(client: Client, listener: str, rule: WrittenRule, today: Json | None, chain: Json | None) -> Change:
    before, after = (_words(one) if one is not None else None for one in (today, chain))
    kind = Kind.MADE if today is None else Kind.VANISHES if chain is None else Kind.CHANGED
    return part_change(
        client,
        rule,
        kind,
        f"{listener} {after or before}",
        what="filter chain",
        before=before,
        after=after,
        differences=tuple(_differences(today, chain)) if today is not None and chain is not None else (),
    )


def _words(chain: Json) -> str:
    names = chain.get("filter_chain_match", {}).get("server_names")
    return f"SNI {', '.join(names)}" if names else "any name"


def _differences(today: Json, chain: Json) -> Iterator[Difference]:
    before, after = _facts(today), _facts(chain)
    for field in dict.fromkeys((*after, *before)):
        if before.get(field) != after.get(field):
            yield Difference(field, after.get(field, ""), before.get(field, ""))


def _facts(body: Json) -> dict[str, str]:
    chain = decode(msgspec.json.encode(body), FilterChain)
    if not isinstance(chain, FilterChain):
        return {}
    found = {"filter_chain_match.server_names": ", ".join(chain.filter_chain_match.server_names)}
    context = chain.transport_socket.config if chain.transport_socket else None
    if isinstance(context, DownstreamTlsContext):
        common = context.common_tls_context
        found["require_client_certificate"] = str(bool(context.require_client_certificate)).lower()
        found["secrets"] = ", ".join(name for _, name in common.secret_references())
        found["tls_minimum_protocol_version"] = common.tls_params.tls_minimum_protocol_version
        found["tls_maximum_protocol_version"] = common.tls_params.tls_maximum_protocol_version
    return found
