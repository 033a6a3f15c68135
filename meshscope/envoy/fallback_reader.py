"""Everything that is no whole dump, piece by piece: a broken or unusual dump, a part of one, or bare resources.

One broken entry costs itself alone; what is no resource at all is a problem that names its path.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec
from msgspec import Raw

from meshscope.envoy.dialect import is_untyped_old, snake
from meshscope.envoy.dump_builder import FAILURES, Indexing, opener
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
LISTS = {"listeners": LISTENER, "clusters": CLUSTER, "routes": ROUTES, "endpoints": ENDPOINTS, "secrets": SECRET}
"""Lists of resources by kind, as Envoy Gateway and kgateway write them."""

_NAMELESS = {"cluster_name", "virtual_hosts", "filter_chains"}
"""Fields that tell a resource even where it has no name."""
_SHAPES = (
    (LISTENER, {"filter_chains", "default_filter_chain", "listener_filters"}),
    (ROUTES, {"virtual_hosts"}),
    (ENDPOINTS, {"cluster_name"}),
    (SECRET, {"tls_certificate", "validation_context"}),
    (CLUSTER, {"connect_timeout", "load_assignment", "lb_policy", "type"}),
    (LISTENER, {"address"}),
)
"""What a resource without `@type` is told by, in this order."""


def read_pieces(index: Indexing, value: Raw, path: Path) -> None:
    index.dump.api_v2 = is_untyped_old(value)
    if opener(value) == b"[":
        _each(index, value, path)
        return
    members = index.members(value, path)
    key = next((key for key in ("configs", "resources") if key in members), None)
    if key is None:
        _piece(index, value, path)
    elif opener(members[key]) == b"{":  # Istio 1.0: a map of sections
        for name, item in index.members(members[key], (*path, key)).items():
            _piece(index, item, (*path, key, name))
    else:
        _each(index, members[key], (*path, key))


def _each(index: Indexing, value: Raw, path: Path) -> None:
    for number, item in enumerate(index.items(value, path)):
        _piece(index, item, (*path, number))


def _piece(index: Indexing, value: Raw, path: Path) -> None:
    """One section, one element of a section, one resource, or an object of resource lists."""
    members = index.members(value, path)
    keys = {name: key for key in members for name in (key, snake(key))}
    type_url = _text(members.get("@type"))
    message = type_name(type_url).rpartition(".")[2]
    if "Dump" in message or "bootstrap" in keys or any(array in keys for array in ARRAYS):
        _section(index, members, keys, message, path)
        index.dump.api_v2 = index.dump.api_v2 or ".v2alpha." in type_url
    elif kind := RESOURCE_TYPES.get(message) or _kind_by_shape(keys):
        index.evidence.add(kind)
        index.add(kind, ACTIVE, value, path)
    elif lists := LISTS.keys() & members.keys():
        for name in sorted(lists):
            index.add_list(members[name], LISTS[name], ACTIVE, (*path, name))
    elif recognise(value) == "bootstrap":
        index.add(BOOTSTRAP, STATIC, value, path, name="")
    elif "resource" in members:  # as discovery responses wrap what they name: {"name", "resource": {…}}
        _piece(index, members["resource"], (*path, "resource"))
    elif not _element(index, value, keys, message, path):
        named = f": {type_url}" if type_url else ""
        index.problem(path, f"not a resource that Envoy's configuration knows{named}")


def _section(index: Indexing, members: dict[str, Raw], keys: dict[str, str], message: str, path: Path) -> None:
    index.dump.has_sections = True
    if kind := SECTION_KINDS.get(message):
        index.evidence.add(kind)
    index.add_bootstrap(message, members.get("bootstrap", ABSENT), path)
    for array, (kind, state) in ARRAYS.items():
        if array in keys:
            index.evidence.add(kind)
            at = (*path, keys[array])
            for number, item in enumerate(index.items(members[keys[array]], at)):
                _entry(index, item, kind, state, (*at, number))


def _entry(index: Indexing, item: Raw, kind: str, state: str, path: Path) -> None:
    before = len(index.resources)
    renames: tuple[Literal["camel"] | None, ...] = (None, "camel")
    for rename in renames:
        try:
            entry = spelling(rename).entry.decode(item)
        except FAILURES as error:
            index.problem(path, str(error))
            return
        read_entry(index, entry, kind, state, path)
        if len(index.resources) > before:
            return


def _element(index: Indexing, value: Raw, keys: Iterable[str], message: str, path: Path) -> bool:
    """An element of `/config_dump?resource=…`: its type name tells static from dynamic, its body the kind."""
    present = set(keys)
    index.dump.is_partial = True
    kinds = [kind for kind in (*LISTS.values(), ECDS) if kind in present]
    if {*LISTENER_STATES, "error_state"} & present and LISTENER not in kinds:
        kinds.append(LISTENER)
    for kind in kinds:
        index.evidence.add(kind)
        _entry(index, value, kind, STATIC if message.startswith("Static") else ACTIVE, path)
    return bool(kinds)


def read_statics(index: Indexing) -> None:
    """Static resources of the bootstrap count only where the document has no section of that kind."""
    for bootstrap in [resource for resource in index.resources if resource.kind == BOOTSTRAP]:
        path = bootstrap.location.path
        members = {snake(key): (key, value) for key, value in index.members(bootstrap.raw, path).items()}
        if not index.dump.has_sections:
            index.dump.open_kinds = _left_to_discovery(index, members.get("dynamic_resources", ("", ABSENT))[1])
            index.evidence.update((LISTENER, CLUSTER, ROUTES))
        if "static_resources" not in members:
            continue
        key, value = members["static_resources"]
        statics = index.members(value, (*path, key))
        for name in ("listeners", "clusters", "secrets"):
            no_section = not index.dump.has_sections or LISTS[name] not in index.evidence
            if name in statics and no_section:
                index.add_list(statics[name], LISTS[name], STATIC, (*path, key, name))


def _left_to_discovery(index: Indexing, dynamic: Raw) -> frozenset[str]:
    """Secrets come by SDS wherever a bootstrap names them; the others as `dynamic_resources` says."""
    sources = {snake(key) for key in index.members(dynamic, ("dynamic_resources",))} if memoryview(dynamic) else set()
    kinds = {"cds_config": {CLUSTER}, "lds_config": {LISTENER}, "ads_config": {CLUSTER, LISTENER}}
    return frozenset({SECRET, ROUTES}.union(*(kinds.get(source, set()) for source in sources)))


def _kind_by_shape(keys: Iterable[str]) -> str:
    present = set(keys)
    if "name" not in present and not present & _NAMELESS:
        return ""
    return next((kind for kind, telling in _SHAPES if present & telling), "")


def _text(raw: Raw | None) -> str:
    try:
        return msgspec.json.decode(raw, type=str) if raw is not None else ""
    except FAILURES:
        return ""
