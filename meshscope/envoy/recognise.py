"""Which of Envoy's documents a text is, by its content. "" for a text that is not Envoy's.

Only the beginning is read, or the keys of the uppermost levels as slices. Kubernetes objects, istiod's debug answers and
ztunnel's dumps are not Envoy's. `{}` may be any empty answer and counts as none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec
from msgspec import Raw

from meshscope.envoy.access_log import PEEK, is_access_log
from meshscope.envoy.cluster_status_text import cluster_line, name_and_address
from meshscope.envoy.dialect import snake
from meshscope.envoy.resource import CLUSTER, ECDS, ENDPOINTS, LISTENER, ROUTES, SECRET
from meshscope.envoy.sections import ARRAYS, LISTENER_STATES
from meshscope.envoy.shapes import Proof, is_client_config, kind_by_shape

CONFIG_DUMP, BOOTSTRAP, XDS, ACCESS_LOG = "config_dump", "bootstrap", "xds", "access_log"
CLUSTERS, LISTENERS, SERVER_INFO, CERTS = "clusters", "listeners", "server_info", "certs"
STATS, RUNTIME, MEMORY, INIT_DUMP = "stats", "runtime", "memory", "init_dump"

_MOST_ITEMS = 50
_DUMP_START = rb'\s*\{\s*"configs"\s*:\s*\[\s*(?:\]|\{\s*"@type"\s*:\s*"([^"]*)")'
_ENVOYS_TYPE = r"[^/]*/envoy\."

_ANSWERS = (
    ({"cluster_statuses"}, CLUSTERS),
    ({"listener_statuses"}, LISTENERS),
    ({"version", "state", "hot_restart_version"}, SERVER_INFO),
    ({"version", "state", "command_line_options"}, SERVER_INFO),
    ({"version", "state", "uptime_current_epoch"}, SERVER_INFO),
    ({"entries", "layers"}, RUNTIME),
    ({"allocated", "heap_size"}, MEMORY),
    ({"unready_targets_dumps"}, INIT_DUMP),
)
_CLUSTER_STATUS_KEYS = {"host_statuses", "observability_name", "added_via_api"}
_STRONG_BOOTSTRAP_KEYS = {"static_resources", "dynamic_resources", "layered_runtime", "bootstrap_extensions"}
_OTHER_BOOTSTRAP_KEYS = {
    "admin", "cluster_manager", "default_regex_engine", "default_socket_interface", "deferred_stat_options",
    "dns_resolution_config", "enable_dispatcher_stats", "fatal_actions", "flags_path", "hds_config", "header_prefix",
    "inline_headers", "node", "node_context_params", "overload_manager", "perf_tracing_file_path", "runtime",
    "stats_config", "stats_flush_interval", "stats_flush_on_admin", "stats_sinks", "tracing",
    "typed_dns_resolver_config", "use_tcp_for_dns_lookups", "watchdog", "watchdogs", "xds_config_tracker_extension",
    "xds_delegate_extension",
}  # fmt: skip
_VAGUE_BOOTSTRAP_KEYS = {"node", "runtime", "tracing", "watchdog"}
_LISTS = {"listeners", "clusters", "routes", "endpoints", "secrets"}

_HOST_LINE = r".+::(?:health_flags::(?:healthy|/\w)|(?:cx|rq)_\w+::\d|(?:weight|priority)::\d|canary::(?:true|false))"
_ADDRESS = r"(?:\d+\.\d+\.\d+\.\d+|\[[0-9A-Fa-f:.%\w]+\]):\d+$|envoy://|[./@]"
_STAT_LINE = r"\w+\.[^\s:](?:\S*[^\s:])?: (?:\d+|\".*\"|No recorded values|P0\()"

_members = msgspec.json.Decoder(dict[str, Raw])
_items = msgspec.json.Decoder(list[Raw])
_FAILURES = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def recognise(value: Raw) -> str:
    """The kind of one top-level JSON value: one of the constants above, or ""."""
    head = bytes(memoryview(value)[:4096])
    if start := re.match(_DUMP_START, head):
        return CONFIG_DUMP if start[1] is None or _is_envoys(start[1].decode("utf-8", "replace")) else ""
    try:
        if head.lstrip().startswith(b"["):
            return _array(_items.decode(value)[:_MOST_ITEMS])
        return _object(_keyed(value)) if head.lstrip().startswith(b"{") else ""
    except _FAILURES:
        return ""


def recognise_text(body: bytes) -> str:
    """The kind of a text that is not JSON: `clusters`, `listeners`, `access_log` (also JSON lines), `stats`, or ""."""
    if is_access_log(body):
        return ACCESS_LOG
    head = body[:PEEK].decode("utf-8", "replace")
    lines = [line.rstrip("\r") for line in head.split("\n")[: 3 * _MOST_ITEMS] if line.strip()]
    if len(body) > PEEK:
        lines = lines[:-1] or lines
    if any(_is_cluster_line(line) for line in lines[:_MOST_ITEMS]):
        return CLUSTERS
    if lines and all(_is_listener_line(line) for line in lines[:_MOST_ITEMS]):
        return LISTENERS
    if lines and (
        lines[0].startswith("# TYPE envoy_") or all(re.match(_STAT_LINE, line) for line in lines[:_MOST_ITEMS])
    ):
        return STATS
    return ""


def _is_cluster_line(line: str) -> bool:
    return bool(re.match(_HOST_LINE, line)) or cluster_line(line) is not None


def _is_listener_line(line: str) -> bool:
    name, address = name_and_address(line)
    return bool(name and re.match(_ADDRESS, address))


def _object(members: dict[str, Raw]) -> str:
    keys = members.keys()
    if "api_version" in keys or "workloads" in keys:
        return ""
    if "@type" in keys:
        return _typed(_text(members["@type"]))
    if "configs" in keys:
        return _configs(members["configs"])
    return _answer(members) or _configuration(members)


def _answer(members: dict[str, Raw]) -> str:
    if "certificates" in members and all(keys <= {"ca_cert", "cert_chain"} for keys in _keys(members["certificates"])):
        return CERTS
    if "stats" in members and all(keys & {"name", "histograms"} for keys in _keys(members["stats"])):
        return STATS
    return next((kind for needed, kind in _ANSWERS if needed <= members.keys()), "")


def _configuration(members: dict[str, Raw]) -> str:
    keys = members.keys()
    has_bootstrap = "bootstrap" in keys and _starts(members["bootstrap"], b"{")
    if keys & ARRAYS.keys() or has_bootstrap or is_client_config(keys):
        return CONFIG_DUMP
    if "resources" in keys and _starts(members["resources"], b"[") and _discovered(members["resources"]):
        return XDS
    if _is_bootstrap(members):
        return BOOTSTRAP
    if any(_starts(members[key], b"[") and _array(_sample(members[key])) == CONFIG_DUMP for key in keys & _LISTS):
        return XDS
    if _is_element(members):
        return CONFIG_DUMP
    return XDS if kind_by_shape(keys, Proof.ALONE) else ""


def _configs(configs: Raw) -> str:
    """Sections, or elements of them, as an array or (Envoy 1.7, Pilot 1.0) as a map."""
    if _starts(configs, b"["):
        return CONFIG_DUMP if _array(_sample(configs)) == CONFIG_DUMP or not _sample(configs) else ""
    if _starts(configs, b"{"):
        return CONFIG_DUMP if _array(_members.decode(configs).values()) == CONFIG_DUMP else ""
    return ""


def _array(items: Iterable[Raw]) -> str:
    """The kind of the first item that has one."""
    for item in items:
        if not _starts(item, b"{"):
            return ""
        members = _keyed(item)
        keys = members.keys()
        if "api_version" in keys or "kind" in keys:
            return ""
        if "@type" in keys:
            return CONFIG_DUMP if _is_envoys(_text(members["@type"])) else ""
        if keys & _CLUSTER_STATUS_KEYS:
            return CLUSTERS
        if keys & ARRAYS.keys() or _is_element(members) or _is_resource(members):
            return CONFIG_DUMP
    return ""


def _is_resource(members: dict[str, Raw]) -> bool:
    keys = members.keys()
    is_plain_listener = {"name", "address"} <= keys and _starts(members["address"], b"{")
    return is_plain_listener or bool(kind_by_shape(keys, Proof.ITEM))


def _is_element(members: dict[str, Raw]) -> bool:
    """`{"version_info": …, "cluster": {…}}` and the like."""
    keys = members.keys()
    if any(_starts(members[state], b"{") for state in keys & {*LISTENER_STATES, "error_state"}):
        return True
    bodies = [members[key] for key in keys & {LISTENER, CLUSTER, ROUTES, ENDPOINTS, SECRET, ECDS}]
    has_status = bool(keys & {"version_info", "last_updated", "client_status"})
    return any(_starts(body, b"{") and (has_status or "@type" in _keyed(body)) for body in bodies)


def _is_bootstrap(members: dict[str, Raw]) -> bool:
    keys = members.keys()
    if keys & _STRONG_BOOTSTRAP_KEYS:
        return True
    if not keys <= _OTHER_BOOTSTRAP_KEYS or keys <= _VAGUE_BOOTSTRAP_KEYS:
        return False
    return keys != {"admin"} or bool(_keyed(members["admin"]).keys() & {"address", "access_log", "access_log_path"})


def _typed(type_url: str) -> str:
    message = type_url.rpartition(".")[2]
    if message == "DiscoveryResponse" or not _is_envoys(type_url):
        return XDS if message == "DiscoveryResponse" else ""
    if ".admin." in type_url:
        return {"Clusters": CLUSTERS, "Listeners": LISTENERS, "ServerInfo": SERVER_INFO}.get(message, CONFIG_DUMP)
    return BOOTSTRAP if message == "Bootstrap" else XDS


def _discovered(resources: Raw) -> bool:
    """Whether resources are those of a discovery response: typed, or wrapped as `{"name", "resource": {…}}`."""
    sample = [_keyed(item) for item in _sample(resources) if _starts(item, b"{")]
    return any("@type" in item and _is_envoys(_text(item["@type"])) for item in sample)


def _is_envoys(type_url: str) -> bool:
    return bool(re.match(_ENVOYS_TYPE, type_url))


def _keys(array: Raw) -> list[set[str]]:
    """The keys of each object of an array; an odd key stands for an item that is not an object, and for a value that is not
    an array."""
    items = _sample(array) if _starts(array, b"[") else [array]
    return [set(_keyed(item)) if _starts(item, b"{") and item is not array else {"?"} for item in items]


def _sample(array: Raw) -> list[Raw]:
    return _items.decode(array)[:_MOST_ITEMS]


def _keyed(value: Raw) -> dict[str, Raw]:
    """Members by their name in snake_case."""
    return {snake(key) if key.isidentifier() else key: member for key, member in _members.decode(value).items()}


def _starts(value: Raw, opener: bytes) -> bool:
    return bytes(memoryview(value)[:1]) == opener


def _text(value: Raw) -> str:
    return msgspec.json.decode(value, type=str)
