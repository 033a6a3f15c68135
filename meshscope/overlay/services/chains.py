"""Outbound listeners as JSON: which chains are of which port of a service, and one made like another."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from meshscope.envoy.resource import LISTENER, STATIC
from meshscope.istio.names import parse_cluster
from meshscope.overlay.draft import Draft, Json
from meshscope.overlay.services.told import Told

_PASSTHROUGH = "PassthroughFilterChain"


def outbound(draft: Draft) -> Iterator[tuple[str, Json]]:
    """The listeners of services that a proxy has."""
    sent = (each.name for each in draft.client.proxy.resources(LISTENER) if each.state != STATIC)
    for name in dict.fromkeys((*sent, *draft.made(LISTENER))):
        body = draft.body(LISTENER, name)
        if body and body.get("traffic_direction") == "OUTBOUND" and not body.get("use_original_dst"):
            yield name, body


def is_of(body: Json, one: Told) -> bool:
    """Whether a listener is of the port alone."""
    default = body.get("default_filter_chain")
    chains = [*body.get("filter_chains", ()), *([default] if default and not has_passthrough(body) else [])]
    return bool(chains) and all(leads(each, one) for each in chains)


def has_passthrough(body: Json) -> bool:
    return bool((body.get("default_filter_chain") or {}).get("name", _PASSTHROUGH) == _PASSTHROUGH)


def renamed(body: Json, name: str, port: int, table: str) -> Json:
    """A listener of HTTP like another one."""
    found = copy.deepcopy(body)
    found["name"] = name
    found["address"]["socket_address"] |= {"address": name.rpartition("_")[0], "port_value": port}
    for each in found["filter_chains"]:
        for config in configs(each):
            if "rds" in config:
                config["rds"]["route_config_name"] = table
                config["stat_prefix"] = config.get("stat_prefix", "").replace(body["name"], name)
    return found


def moved(body: Json, name: str, one: Told) -> Json:
    """A listener of TCP like another one."""
    found = copy.deepcopy(body)
    found["name"] = name
    found["address"]["socket_address"] |= {"address": name.rpartition("_")[0], "port_value": one.port.number}
    (chain,) = found["filter_chains"]
    chain.pop("metadata", None)
    lead(chain, str(one.cluster))
    return found


def configs(chain: Json) -> Iterator[Any]:
    for each in chain.get("filters", ()):
        config = each.get("typed_config", {})
        if str(config.get("@type", "")).endswith(("HttpConnectionManager", "TcpProxy")):
            yield config


def is_http(chain: Json, table: str) -> bool:
    """Whether it has a connection manager, of the table where one is given."""
    tables = [config["rds"].get("route_config_name", "") for config in configs(chain) if "rds" in config]
    return bool(tables) and table in ("", *tables)


def led_to(chain: Json) -> str:
    return next((config["cluster"] for config in configs(chain) if isinstance(config.get("cluster"), str)), "")


def lead(chain: Json, cluster: str) -> None:
    for config in configs(chain):
        if "cluster" in config:
            config["cluster"] = config["stat_prefix"] = cluster


def leads(chain: Json, one: Told) -> bool:
    """Whether all that a chain takes goes to the port, or into the table of it alone."""
    found = []
    for config in configs(chain):
        names = [config["cluster"]] if isinstance(config.get("cluster"), str) else []
        names += [each.get("name", "") for each in (config.get("weighted_clusters") or {}).get("clusters", ())]
        clusters = [parse_cluster(name) for name in names]
        found += [(each.host, each.port) == (one.service.host, one.port.number) if each else False for each in clusters]
        if "rds" in config:
            table = config["rds"].get("route_config_name", "")
            found.append(table == f"{one.service.host}:{one.port.number}")
    return bool(found) and all(found)
