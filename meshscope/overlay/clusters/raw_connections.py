"""Times and tunnels of raw connections, in the filter chains that lead to a cluster."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from meshscope.effect.answer import Difference
from meshscope.effect.clusters.tcp_proxies import RawConnections
from meshscope.effect.configuration import Configuration
from meshscope.envoy.resource import LISTENER
from meshscope.overlay.change import Change, Kind
from meshscope.overlay.clusters.policies import Asked
from meshscope.overlay.draft import Draft, Json
from meshscope.overlay.written_rule import written_rule
from meshscope.xds.duration import duration_text

_TCP_PROXY = "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy"
_TUNNEL = "tunneling_config"
_FIELDS = ("idle_timeout", "max_downstream_connection_duration", _TUNNEL)


def rebuild_raw(configuration: Configuration, draft: Draft, cluster: str, old: Asked, new: Asked) -> str:
    """In each chain that leads to the cluster alone. A text says what is not known."""
    fields = [field for field in _FIELDS if getattr(old.raw, field) != getattr(new.raw, field)]
    if not fields:
        return ""
    if not configuration.is_since(1, 21):
        return "times and tunnels of raw connections are not rebuilt for this version"
    for name in _leading(draft, cluster):
        body: dict[str, Any] = copy.deepcopy(draft.body(LISTENER, name) or {})
        chains = [*enumerate(body.get("filter_chains") or ()), (None, body.get("default_filter_chain") or {})]
        found = [(index, tuple(_changed(chain, cluster, new.raw, fields))) for index, chain in chains]
        changes = [_change(draft, name, index, new, differences) for index, differences in found if differences]
        if changes:
            draft.put(LISTENER, name, body)
            draft.changes.extend(changes)
    return ""


def _change(draft: Draft, listener: str, index: int | None, new: Asked, differences: tuple[Difference, ...]) -> Change:
    rule = written_rule(new.rule, new.path) if new.rule else None
    held = draft.client.proxy.resource(LISTENER, listener)
    return Change(
        proxy=draft.client.name,
        what="filter chain",
        name=f"{listener} {'default_filter_chain' if index is None else f'filter_chains[{index}]'}",
        change=Kind.CHANGED,
        object=rule.object if rule else "",
        rule=rule.rule if rule else "",
        differences=differences,
        location=rule.location if rule else None,
        made=held.location if held else None,
    )


def _leading(draft: Draft, cluster: str) -> Iterator[str]:
    """Listeners that name the cluster; others are not read."""
    for resource in draft.client.proxy.resources(LISTENER):
        if resource.in_effect and cluster.encode() in memoryview(resource.raw).tobytes():
            yield resource.name
    yield from draft.made(LISTENER)


def _changed(chain: Json, cluster: str, wanted: RawConnections, fields: list[str]) -> Iterator[Difference]:
    for each in chain.get("filters") or ():
        config = each.get("typed_config") or {}
        if not config.get("@type", "").endswith(_TCP_PROXY) or config.get("cluster") != cluster:
            continue
        for field in fields:
            value: str = getattr(wanted, field)
            before = _words(config.get(_TUNNEL)) if field == _TUNNEL else duration_text(config.get(field, ""))
            if before != value:
                _set(config, field, _tunnel(value) if value and field == _TUNNEL else value)
                yield Difference(field, value, before)


def _tunnel(words: str) -> Json:
    method, _, host = words.partition(" ")
    return {"hostname": host, **({"use_post": True} if method == "POST" else {})}


def _words(tunnel: Json) -> str:
    return f"{'POST' if tunnel.get('use_post') else 'CONNECT'} {tunnel.get('hostname', '')}" if tunnel else ""


def _set(holder: dict[str, Any], name: str, value: Any) -> None:
    if value:
        holder[name] = value
    else:
        holder.pop(name, None)
