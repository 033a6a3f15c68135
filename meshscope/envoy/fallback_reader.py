"""Reads, piece by piece, whatever is not a whole dump: a broken or unusual dump, a part of one, or bare resources.

A broken entry costs no other one; what is not a resource is a problem that names its path.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec
from msgspec import Raw

from meshscope.envoy.dialect import is_untyped_old, snake
from meshscope.envoy.dump_builder import FAILURES, DumpBuilder, opener
from meshscope.envoy.recognise import recognise
from meshscope.envoy.resource import (
    ACTIVE,
    BOOTSTRAP,
    CLUSTER,
    ECDS,
    ENDPOINTS,
    LISTENER,
    ROUTES,
    SCOPED_ROUTES,
    SECRET,
    STATIC,
)
from meshscope.envoy.section_reader import read_entry
from meshscope.envoy.sections import ABSENT, ARRAYS, LISTENER_STATES, SECTION_KINDS, spelling
from meshscope.envoy.shapes import is_client_config, kind_by_shape
from meshscope.envoy.static_resources import DISCOVERED, LISTS
from meshscope.path import Path
from meshscope.xds.extension import type_name

RESOURCE_TYPES = {
    "Listener": LISTENER,
    "Cluster": CLUSTER,
    "RouteConfiguration": ROUTES,
    "ClusterLoadAssignment": ENDPOINTS,
    "Secret": SECRET,
    "TypedExtensionConfig": ECDS,
    "ScopedRouteConfiguration": SCOPED_ROUTES,
    "Bootstrap": BOOTSTRAP,
}
OF_A_CLIENT = {
    "listener_config": "ListenersConfigDump",
    "cluster_config": "ClustersConfigDump",
    "route_config": "RoutesConfigDump",
    "scoped_route_config": "ScopedRoutesConfigDump",
    "endpoint_config": "EndpointsConfigDump",
}
"""Fields of CSDS' `PerXdsConfig` -> the messages in them."""


def read_pieces(builder: DumpBuilder, value: Raw, path: Path) -> None:
    if is_untyped_old(value):
        builder.mark_api_v2()
    if opener(value) == b"[":
        _each(builder, value, path)
        return
    members = builder.members(value, path)
    key = next((key for key in ("configs", "resources") if key in members), None)
    if key is None:
        _piece(builder, value, path)
    elif opener(members[key]) == b"{":  # Istio 1.0: a map of sections
        for name, item in builder.members(members[key], (*path, key)).items():
            _piece(builder, item, (*path, key, name))
    else:
        _each(builder, members[key], (*path, key))


def _each(builder: DumpBuilder, value: Raw, path: Path) -> None:
    for number, item in enumerate(builder.items(value, path)):
        _piece(builder, item, (*path, number))


def _piece(builder: DumpBuilder, value: Raw, path: Path) -> None:
    """One section, one element of a section, one resource, or an object of resource lists."""
    members = builder.members(value, path)
    keys = {name: key for key in members for name in (key, snake(key))}
    type_url = _text(members.get("@type"))
    message = type_name(type_url).rpartition(".")[2]
    if is_client_config(keys.keys()):
        _client_config(builder, members, keys, path)
    elif "Dump" in message or "bootstrap" in keys or any(array in keys for array in ARRAYS):
        _section(builder, members, keys, message, path)
        if ".v2alpha." in type_url:
            builder.mark_api_v2()
    elif kind := RESOURCE_TYPES.get(message) or kind_by_shape(keys.keys()):
        builder.evidence.add(kind)
        builder.add(kind, ACTIVE, value, path)
    elif lists := LISTS.keys() & members.keys():
        for name in sorted(lists):
            builder.add_list(members[name], LISTS[name], ACTIVE, (*path, name))
    elif recognise(value) == "bootstrap":
        builder.add(BOOTSTRAP, STATIC, value, path, name="")
    elif "resource" in members:  # as discovery responses wrap what they name: {"name", "resource": {…}}
        _piece(builder, members["resource"], (*path, "resource"))
    elif not _element(builder, value, keys, message, path):
        named = f": {type_url}" if type_url else ""
        builder.problem(path, f"not a resource of Envoy's configuration{named}")


def _client_config(builder: DumpBuilder, members: dict[str, Raw], keys: dict[str, str], path: Path) -> None:
    """What one client of a control plane has, by CSDS: sections, or each resource for itself. What is static is not in it.

    https://www.envoyproxy.io/docs/envoy/latest/api-v3/service/status/v3/csds.proto#service-status-v3-clientconfig
    """
    builder.node = members[keys["node"]]
    builder.open_kinds = DISCOVERED
    if "xds_config" in keys:
        at = (*path, keys["xds_config"])
        for number, item in enumerate(builder.items(members[keys["xds_config"]], at)):
            for name, value in builder.members(item, (*at, number)).items():
                if message := OF_A_CLIENT.get(snake(name)):
                    place = (*at, number, name)
                    inner = builder.members(value, place)
                    _section(builder, inner, {snake(key): key for key in inner}, message, place)
    if "generic_xds_configs" in keys:
        at = (*path, keys["generic_xds_configs"])
        for number, item in enumerate(builder.items(members[keys["generic_xds_configs"]], at)):
            _generic(builder, item, (*at, number))
    builder.has_sections = False  # those of Envoy's own dump list what is static, too


def _generic(builder: DumpBuilder, item: Raw, path: Path) -> None:
    """A resource with its status, of any type that a client subscribes to."""
    members = {snake(key): (key, value) for key, value in builder.members(item, path).items()}
    message = type_name(_text(members.get("type_url", ("", None))[1])).rpartition(".")[2]
    kind = RESOURCE_TYPES.get(message)
    if kind is None:
        builder.problem(path, f"not a resource of Envoy's configuration: {message}")
        return
    try:
        entry = spelling(_spellings(key for key, _ in members.values())[0]).entry.decode(item)
    except FAILURES as error:
        builder.problem(path, str(error))
        return
    builder.evidence.add(kind)
    field, body = members.get("xds_config", ("", ABSENT))
    if body is not ABSENT:
        builder.add(kind, ACTIVE, body, path, field, name=entry.name, of=entry)
    if body is ABSENT or entry.error_state is not None:
        builder.add_refused(kind, entry, path, "")


def _section(builder: DumpBuilder, members: dict[str, Raw], keys: dict[str, str], message: str, path: Path) -> None:
    builder.has_sections = True
    if kind := SECTION_KINDS.get(message):
        builder.evidence.add(kind)
    builder.add_bootstrap(message, members.get("bootstrap", ABSENT), path)
    for array, (kind, state) in ARRAYS.items():
        if array in keys:
            builder.evidence.add(kind)
            at = (*path, keys[array])
            for number, item in enumerate(builder.items(members[keys[array]], at)):
                _entry(builder, item, kind, state, (*at, number))


def _entry(builder: DumpBuilder, item: Raw, kind: str, state: str, path: Path) -> None:
    before = len(builder.resources)
    for rename in _spellings(builder.members(item, path)):
        try:
            entry = spelling(rename).entry.decode(item)
        except FAILURES as error:
            builder.problem(path, str(error))
            return
        read_entry(builder, entry, kind, state, path)
        if len(builder.resources) > before:
            return


def _spellings(keys: Iterable[str]) -> tuple[Literal["camel"] | None, ...]:
    """The spelling of an entry, then the other one, as its body may be spelled otherwise than the facts beside it."""
    return ("camel", None) if any(snake(key) != key for key in keys) else (None, "camel")


def _element(builder: DumpBuilder, value: Raw, keys: Iterable[str], message: str, path: Path) -> bool:
    """Whether the value is an element of `/config_dump?resource=…`. Its type says static or dynamic, its body the kind."""
    present = set(keys)
    builder.is_partial = True
    kinds = [kind for kind in (*LISTS.values(), ECDS) if kind in present]
    if {*LISTENER_STATES, "error_state"} & present and LISTENER not in kinds:
        kinds.append(LISTENER)
    for kind in kinds:
        builder.evidence.add(kind)
        _entry(builder, value, kind, STATIC if message.startswith("Static") else ACTIVE, path)
    return bool(kinds)


def _text(raw: Raw | None) -> str:
    try:
        return msgspec.json.decode(raw, type=str) if raw is not None else ""
    except FAILURES:
        return ""
