"""The forms in which configuration arrives -> a Dump.

Sections under `configs` (array or map, whole or as elements of `?resource=`), one section alone, bare arrays and lists of
resources as istioctl, istiod, go-control-plane and filesystem xDS write them, and plain bootstrap files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import Any

import msgspec
from msgspec import Raw

from meshscope.envoy.dialect import is_untyped_old
from meshscope.envoy.dump import Dump
from meshscope.envoy.recognise import recognise
from meshscope.envoy.resource import (
    ACTIVE,
    BOOTSTRAP,
    CLUSTER,
    ECDS,
    ENDPOINTS,
    ERROR,
    LISTENER,
    ROUTES,
    SCOPED_ROUTES,
    SECRET,
    STATIC,
    ErrorState,
    Resource,
)
from meshscope.envoy.sections import ABSENT, ARRAYS, LISTENER_STATES, SECTION_KINDS, spelling
from meshscope.location import Document, Path, camel, written
from meshscope.snapshot.snapshot import Problem
from meshscope.xds.extension import type_name
from meshscope.xds.message import present

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
"""Lists of resources by kind, as Envoy Gateway and kgateway write them; also those of `static_resources`."""

_SHAPES = (
    (LISTENER, {"filter_chains", "filterChains", "default_filter_chain", "listener_filters", "listenerFilters"}),
    (ROUTES, {"virtual_hosts", "virtualHosts"}),
    (ENDPOINTS, {"cluster_name", "clusterName"}),
    (SECRET, {"tls_certificate", "tlsCertificate", "validation_context", "validationContext"}),
    (
        CLUSTER,
        {"connect_timeout", "connectTimeout", "load_assignment", "loadAssignment", "lb_policy", "lbPolicy", "type"},
    ),
    (LISTENER, {"address"}),
)
"""What a resource without `@type` is told by, in this order."""

_NAME_FIRST = re.compile(rb'\{\s*(?:"@type":\s*"[^"\\]*",\s*)?"(?:name|cluster_name|clusterName)":\s*"([^"\\]*)"')
_DUMP_TEXT = re.compile(rb'\s*\{\s*"configs"\s*:')
_FAILURES = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)


class _Named(msgspec.Struct):
    name: str = ""
    cluster_name: str = ""
    clusterName: str = ""  # noqa: N815  # as protobuf's JSON spells it


_named = msgspec.json.Decoder(_Named)
_object = msgspec.json.Decoder(dict[str, Raw])
_array = msgspec.json.Decoder(list[Raw])


def unwrapped(value: Raw, depth: int = 3) -> Iterator[tuple[Path, Raw]]:
    """The dumps that a value holds: itself, or those under the names of proxies (`egctl x translate`: xds → NAME → dump)."""
    try:
        members = _object.decode(value) if depth and _opener(value) == b"{" else {}
    except _FAILURES:
        members = {}
    objects = {key: member for key, member in members.items() if _opener(member) == b"{"}
    if not members or len(objects) != len(members) or "configs" in members or "bootstrap" in members:
        yield (), value
        return
    inner = {key: list(unwrapped(member, depth - 1)) for key, member in objects.items()}
    if any(_is_dump(body) for bodies in inner.values() for _, body in bodies):
        for key, bodies in inner.items():
            yield from (((key, *path), body) for path, body in bodies if _is_dump(body))
    else:
        yield (), value


def _is_dump(value: Raw) -> bool:
    return bool(_DUMP_TEXT.match(value))


def is_dump_text(body: bytes) -> bool:
    """Whether a text begins as Envoy's own dump does; told without reading on."""
    return bool(_DUMP_TEXT.match(body))


def read_whole(document: Document) -> Dump | None:
    """Index a text that is one dump and nothing else, in the scan that also proves it; None where it is not that."""
    return _Reader(document).read_whole(Raw(document.body))


def read_dump(document: Document, value: Raw, path: Path = ()) -> Dump:
    """Index one top-level value of a document that was recognised as Envoy's configuration; `path` leads to it."""
    return _Reader(document).read(value, path)


def name_of(body: Raw) -> str:
    """The resource's name without reading its body; "" where it has none or is not readable."""
    if found := _NAME_FIRST.match(body):
        try:
            return found[1].decode()
        except UnicodeDecodeError:
            return ""
    try:
        named = _named.decode(body)
    except _FAILURES:
        return ""
    return named.name or named.cluster_name or named.clusterName


class _Reader:
    """Collects the resources of one value; every method leaves what it cannot read behind as a problem."""

    def __init__(self, document: Document) -> None:
        self.dump = Dump(document)
        self.resources: list[Resource] = []
        self.evidence: set[str] = set()
        self.problems: list[Problem] = []

    def read(self, value: Raw, path: Path) -> Dump:
        if not self._whole(value, path):
            self._pieces(value, path)
        return self._done()

    def read_whole(self, value: Raw) -> Dump | None:
        return self._done() if self._whole(value, ()) else None

    def _done(self) -> Dump:
        self._statics_of_bootstrap()
        self.dump.resources = tuple(self.resources)
        self.dump.evidence = frozenset(self.evidence)
        self.dump.problems = tuple(self.problems)
        return self.dump

    # --- Envoy's own dump and its camelCase twin: one scan ----------------------------------------------------------

    def _whole(self, value: Raw, path: Path) -> bool:
        for rename in (None, "camel"):
            try:
                sections = spelling(rename).dump.decode(value).configs
            except _FAILURES:
                return False
            if any(getattr(section, name) for section in sections for name in ARRAYS):
                self.dump.rewritten = rename is not None or not self.dump.document.is_json
                for index, section in enumerate(sections):
                    self._section(section, (*path, "configs", index), rename)
                return True
        return False

    def _section(self, section: Any, path: Path, rename: str | None) -> None:
        name = type_name(section.type_url)
        self.dump.has_sections = True
        self.dump.api_v2 = self.dump.api_v2 or ".v2alpha." in name
        if kind := SECTION_KINDS.get(name.rpartition(".")[2]):
            self.evidence.add(kind)
        if present(section.bootstrap):
            self._add(BOOTSTRAP, "", STATIC, section.bootstrap, path, "bootstrap")
        for array, (kind, state) in ARRAYS.items():
            entries = getattr(section, array)
            if entries:
                self.evidence.add(kind)
                base = (*path, camel(array) if rename else array)
                body_of = attrgetter(kind) if kind != SCOPED_ROUTES else None
                field = camel(kind) if rename else kind
                for index, entry in enumerate(entries):
                    body = body_of(entry) if body_of else ABSENT
                    if body is ABSENT or entry.error_state is not None or entry.client_status:
                        self._entry(entry, kind, state, (*base, index), rename)
                    else:  # most of a dump; the rest of the time goes into this line
                        at = (*base, index)
                        self.resources.append(
                            Resource(
                                self.dump, kind, name_of(body), state, body, at, field, entry.version_info, entry.last_updated
                            )
                        )

    def _entry(self, entry: Any, kind: str, state: str, path: Path, rename: str | None) -> None:
        error = None
        if entry.error_state is not None:
            error = ErrorState(
                entry.error_state.details, entry.error_state.last_update_attempt, entry.error_state.version_info
            )
        if kind == SCOPED_ROUTES:
            self._scopes(entry, state, path, rename)
            return
        body, field = getattr(entry, kind), camel(kind) if rename else kind
        if not present(body) and present(mixed := getattr(entry, f"{kind}_", Raw())):
            body, field = mixed, kind
        if present(body):
            self._add(kind, name_of(body), state, body, path, field, entry, error)
        found = present(body)
        for name, its_state in LISTENER_STATES.items():
            held = getattr(entry, name)
            if held is not None and present(held.listener):
                found = True
                place = f"{camel(name) if rename else name}.listener"
                self._add(
                    kind, entry.name or name_of(held.listener), its_state, held.listener, path, place, held, error
                )
        if error and kind == LISTENER:
            self._add(
                kind,
                entry.name,
                ERROR,
                Raw(b"{}"),
                path,
                camel("error_state") if rename else "error_state",
                entry,
                error,
            )
        elif not found and entry.client_status:
            self._add(kind, entry.name, ERROR, Raw(b"{}"), path, "", entry, error)

    def _scopes(self, entry: Any, state: str, path: Path, rename: str | None) -> None:
        field = camel("scoped_route_configs") if rename else "scoped_route_configs"
        if present(entry.scoped_route_configs):
            for index, body in enumerate(self._items(entry.scoped_route_configs, (*path, field))):
                self._add(SCOPED_ROUTES, name_of(body), state, body, (*path, field, index), "", entry)

    def _add(
        self,
        kind: str,
        name: str,
        state: str,
        raw: Raw,
        entry: Path,
        field: str,
        held: Any = None,
        error: ErrorState | None = None,
    ) -> None:
        self.resources.append(
            Resource(
                self.dump,
                kind,
                name,
                state,
                raw,
                entry,
                field,
                getattr(held, "version_info", ""),
                getattr(held, "last_updated", ""),
                error,
                getattr(held, "client_status", ""),
            )
        )

    # --- everything else: piece by piece ----------------------------------------------------------------------------

    def _pieces(self, value: Raw, path: Path) -> None:
        """A dump with a broken or unusual part, a part of a dump, or resources without a dump around them."""
        self.dump.api_v2 = is_untyped_old(value)
        if _opener(value) == b"[":
            for index, item in enumerate(self._items(value, path)):
                self._piece(item, (*path, index))
            return
        members = self._members(value, path)
        configs = next((members[key] for key in ("configs", "resources") if key in members), None)
        if configs is None:
            self._piece(value, path)
            return
        at = (*path, "configs" if "configs" in members else "resources")
        if _opener(configs) == b"{":
            for key, item in self._members(configs, at).items():
                self._piece(item, (*at, key))
        else:
            for index, item in enumerate(self._items(configs, at)):
                self._piece(item, (*at, index))

    def _piece(self, value: Raw, path: Path) -> None:
        """One section, one element of a section, one resource, or an object of resource lists."""
        members = self._members(value, path)
        keys = {snake: key for key in members for snake in (key, _snake(key))}
        type_url = self._text(members.get("@type"))
        message = type_name(type_url).rpartition(".")[2]
        if "Dump" in message or any(array in keys for array in ARRAYS) or keys.keys() & {"bootstrap"}:
            self._loose_section(members, keys, message, path)
            self.dump.api_v2 = self.dump.api_v2 or ".v2alpha." in type_url
        elif kind := RESOURCE_TYPES.get(message) or _kind_by_shape(members):
            self.evidence.add(kind)
            self._add(kind, name_of(value), ACTIVE, value, path, "")
        elif lists := [(name, kind) for name, kind in LISTS.items() if name in members]:
            for name, kind in lists:
                self._list(members[name], kind, ACTIVE, (*path, name))
        elif recognise(value) == "bootstrap":
            self._add(BOOTSTRAP, "", STATIC, value, path, "")
        elif "resource" in members:  # as discovery responses wrap what they name: {"name", "resource": {…}}
            self._piece(members["resource"], (*path, "resource"))
        elif not self._element(value, members, message, path):
            self._problem(
                path, "not a resource that Envoy's configuration knows" + (f": {type_url}" if type_url else "")
            )

    def _loose_section(self, members: dict[str, Raw], keys: dict[str, str], message: str, path: Path) -> None:
        self.dump.has_sections = True
        if kind := SECTION_KINDS.get(message):
            self.evidence.add(kind)
        if "bootstrap" in members and present(members["bootstrap"]):
            self._add(BOOTSTRAP, "", STATIC, members["bootstrap"], path, "bootstrap")
        for array, (kind, state) in ARRAYS.items():
            if array in keys:
                self.evidence.add(kind)
                at = (*path, keys[array])
                for index, item in enumerate(self._items(members[keys[array]], at)):
                    self._loose_entry(item, kind, state, (*at, index))

    def _loose_entry(self, item: Raw, kind: str, state: str, path: Path) -> None:
        before = len(self.resources)
        for rename in (None, "camel"):
            try:
                entry = spelling(rename).entry.decode(item)
            except _FAILURES as error:
                self._problem(path, str(error))
                return
            self._entry(entry, kind, state, path, rename)
            if len(self.resources) > before:
                return

    def _element(self, value: Raw, members: dict[str, Raw], message: str, path: Path) -> bool:
        """An element of `/config_dump?resource=…`: its type name tells static from dynamic, its body the kind."""
        bodies = {
            kind: body for kind in (*LISTS.values(), ECDS, SECRET) for body in (kind, camel(kind)) if body in members
        }
        if {s for state in (*LISTENER_STATES, "error_state") for s in (state, camel(state))} & members.keys():
            bodies[LISTENER] = ""
        for kind in bodies:
            self.evidence.add(kind)
            self._loose_entry(value, kind, STATIC if message.startswith("Static") else ACTIVE, path)
        return bool(bodies)

    def _list(self, value: Raw, kind: str, state: str, path: Path) -> None:
        self.evidence.add(kind)
        for index, body in enumerate(self._items(value, path)):
            self._add(kind, name_of(body), state, body, (*path, index), "")

    # --- bootstrap statics -----------------------------------------------------------------------------------------

    def _statics_of_bootstrap(self) -> None:
        """Static resources of the bootstrap count only where the document has no section of that kind."""
        for bootstrap in [resource for resource in self.resources if resource.kind == BOOTSTRAP]:
            path = bootstrap.location.path
            members = self._members(bootstrap.raw, path)
            key = next((key for key in ("static_resources", "staticResources") if key in members), None)
            if key is None:
                if not self.dump.has_sections:
                    self.evidence.update((LISTENER, CLUSTER, ROUTES))
                continue
            statics = self._members(members[key], (*path, key))
            for name, kind in (("listeners", LISTENER), ("clusters", CLUSTER), ("secrets", SECRET)):
                if kind in self.evidence:
                    continue
                if name in statics:
                    self._list(statics[name], kind, STATIC, (*path, key, name))
                elif not self.dump.has_sections:
                    self.evidence.add(kind)

    # --- slices ----------------------------------------------------------------------------------------------------

    def _items(self, value: Raw, path: Path) -> Iterable[Raw]:
        try:
            return _array.decode(value)
        except _FAILURES as error:
            self._problem(path, f"not a list: {error}")
            return ()

    def _members(self, value: Raw, path: Path) -> dict[str, Raw]:
        try:
            return _object.decode(value)
        except _FAILURES as error:
            self._problem(path, f"not an object: {error}")
            return {}

    @staticmethod
    def _text(raw: Raw | None) -> str:
        try:
            return msgspec.json.decode(raw, type=str) if raw is not None else ""
        except _FAILURES:
            return ""

    def _problem(self, path: Path, message: str) -> None:
        self.problems.append(Problem(self.dump.document.name, f"{written(path) or 'the document'}: {message}"))


def _opener(value: Raw) -> bytes:
    """The first byte of a slice, which tells objects from arrays."""
    return bytes(memoryview(value)[:1])


def _snake(key: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"_\1", key).lower()


def _kind_by_shape(members: Iterable[str]) -> str:
    keys = set(members)
    if "name" not in keys and not keys & {
        "cluster_name",
        "clusterName",
        "virtual_hosts",
        "virtualHosts",
        "filter_chains",
        "filterChains",
    }:
        return ""
    return next((kind for kind, telling in _SHAPES if keys & telling), "")
