"""A decoded value without what is not known to be configuration: one walk over objects, by their keys, kinds and types.

Invariant: a value in which nothing is replaced is returned as the same object. Structures are kept and only leaves replaced, so
that the result decodes and means the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from operator import is_
from typing import Any

from meshscope.location import Document
from meshscope.redaction import place as kinds
from meshscope.redaction.fields import plain
from meshscope.redaction.name_keys import EMBEDDED_YAML, LABEL_KEYS, NAME_MAPS
from meshscope.redaction.numbers import FAILURES, Number, decoded, encoded
from meshscope.redaction.place import CONFIGURATION, Place
from meshscope.redaction.values import Values
from meshscope.snapshot.json_text import GarbledError, values_of
from meshscope.snapshot.sensitive import REDACTED, SECRET_DATA, SECRET_KEYS

Change = Callable[[str, Any], Any]

_KNOWN_TYPES = re.compile(r"(?:[\w.-]+/)?(?:envoy|istio|xds|udpa|type|extensions)\.(?:[a-z0-9_]+\.)+\w+")
_STRUCTS = re.compile(r"(?:[\w.-]+/)?(?:udpa\.type\.v1|xds\.type\.v3)\.TypedStruct")
_KNOWN_FILTER = re.compile(r"envoy\.|istio|mixer$|jwt-auth$")
_WRAPPERS = re.compile(r"(?:[\w.-]+/)?google\.protobuf\.\w+")
_KNOWN_GROUPS = re.compile(
    r"v1|v1beta1|(?:apps|batch|policy|autoscaling|extensions)/\w+"
    r"|(?:[a-z0-9-]+\.)*(?:istio\.io|gateway\.networking\.(?:x-)?k8s\.io|networking\.k8s\.io|discovery\.k8s\.io"
    r"|apiextensions\.k8s\.io)/\w+"
)
_MESH_ANNOTATION = re.compile(
    r"(?:[\w-]+\.)*(?:istio\.io|gateway\.networking\.k8s\.io)/.+|ingressclass\.kubernetes\.io/.+"
)
_MESH_VALUE = re.compile(r"[A-Za-z0-9_.*:/, |-]{0,253}+")
PROXY_CONFIG = "proxy.istio.io/config"
"""The annotation with a configuration of its own, in YAML."""
ENVOYS_FILES = ("static_resources", "staticResources", "type.googleapis.com/envoy.")
_MATCHES = frozenset({
    "exact", "prefix", "suffix", "contains", "regex", "saferegex", "stringmatch", "exactmatch", "prefixmatch", "suffixmatch",
    "containsmatch", "saferegexmatch", "regexmatch", "rangematch", "presentmatch",
})  # fmt: skip
_TYPE_KEYS = frozenset({"@type", "type_url", "typeUrl"})
_VALUES = frozenset({"value", "rawvalue", "values", "notvalues"})
_NAMES = ("name", "key", "header_name", "headerName")
_METADATA_NAMESPACES = frozenset(
    {"istio", "envoy.lb", "envoy.transport_socket_match", "istio_mtls", "envoy.filters.http.rbac"}
)


class Walk:
    """One run of redaction."""

    def __init__(self, values: Values) -> None:
        self.values = values
        self._maps: dict[str, Callable[[Place], Change]] = {
            "annotations": lambda _place: self._annotation,
            **dict.fromkeys(
                map(plain, LABEL_KEYS - {"geo_headers_to_add", "geo_field_keys"}), lambda _place: self._label
            ),
            **dict.fromkeys(map(plain, NAME_MAPS), self._named),
            "headers": self._by_name(kinds.HEADER),
            "withoutheaders": self._by_name(kinds.HEADER),
            "queryparams": self._by_name(kinds.QUERY),
            "set": self._by_name(kinds.HEADER),
            "add": self._by_name(kinds.HEADER),
            "environmentvariables": lambda _place: self._variable,
            "proxymetadata": lambda _place: self._variable,
            "keyvalues": lambda _place: self._variable,
            "filtermetadata": lambda _place: self._namespace,
            "typedfiltermetadata": lambda _place: self._namespace,
            "staticlayer": lambda place: self._all(place.free(kinds.NUMBERS)),
            "runtimevalues": lambda place: self._all(place.free(kinds.NUMBERS)),
        }
        self._free = {
            "pluginconfig": kinds.PLUGIN, "configuration": kinds.PLUGIN, "args": kinds.ARGUMENT, "command": kinds.ARGUMENT,
            "send": kinds.PAYLOAD, "receive": kinds.PAYLOAD, "inlinecode": kinds.SOURCE,
            "credentials": kinds.CREDENTIAL, "commandlineargs": kinds.ARGUMENT,
        }  # fmt: skip
        self._special = frozenset((*self._maps, *self._free, "env"))

    def below(self, place: Place, key: str) -> Place | None:
        """For `Slices`: None where an object means more than its members."""
        new = place.below(key)
        return None if place.kind or key in SECRET_KEYS or new.key in self._special else new

    def value(self, value: Any, place: Place = CONFIGURATION) -> Any:
        if isinstance(value, str):
            return self.values.text(value, place)
        if isinstance(value, dict):
            return self._object(value, place)
        return _each(value, lambda item: self.value(item, place)) if isinstance(value, list) else value

    def _object(self, value: dict[str, Any], place: Place) -> dict[str, Any]:
        kind, version = value.get("kind"), value.get("apiVersion")
        if isinstance(kind, str) and (isinstance(version, str) or kind in ("Secret", "SecretList")):
            return self._manifest(value, kind, version if isinstance(version, str) else "v1")
        for key in ("@type", "type_url", "typeUrl"):
            if isinstance(url := value.get(key), str):
                place = _of_type(url, place)
        if subject := _subject(value, place):
            return _members(value, lambda key, member: self._of_subject(key, member, place, subject))
        if "config" in value and isinstance(name := value.get("name"), str) and not _KNOWN_FILTER.match(name):
            untyped = place.free(place.kind or kinds.UNKNOWN_TYPE)  # as API v2 has them
            return _members(value, lambda key, member: self._member(key, member, untyped if key == "config" else place))
        return _members(value, lambda key, member: self._member(key, member, place))

    def _member(self, key: str, member: Any, place: Place) -> Any:
        if key in SECRET_KEYS:
            return self._secret(member, place.below(key).free(kinds.CREDENTIAL))
        if key in _TYPE_KEYS and isinstance(member, str):
            return self.value(member, Place("@type", key))
        below = place.below(key)
        if place.kind:
            return self.value(member, below)
        if below.key in self._maps and isinstance(member, dict):
            return _members(member, self._maps[below.key](below))
        if kind := self._free.get(below.key):
            return self.value(member, below.free(kind))
        if below.key == "env" and isinstance(member, list):
            return _each(member, self._environment)
        return self.value(member, below)

    def _of_subject(self, key: str, member: Any, place: Place, subject: tuple[str, str]) -> Any:
        """A member of an object that compares or sets what has a name of its own."""
        kind, name = subject
        below = place.below(key)
        is_value = below.key in _MATCHES or below.key in _VALUES
        return self.value(member, below.compared(kind, name)) if is_value else self._member(key, member, place)

    def _secret(self, member: Any, place: Place) -> Any:
        """All of it but the names of its place: a file, a variable, an SDS source."""
        if isinstance(member, dict):
            return _members(member, lambda key, one: self._secret_part(key, one, place))
        if isinstance(member, list):
            return _each(member, lambda one: self._secret(one, place))
        return self.value(
            str(member) if isinstance(member, (int, Number)) and not isinstance(member, bool) else member, place
        )

    def _secret_part(self, key: str, one: Any, place: Place) -> Any:
        if plain(key) in _SECRET_PLACES:
            return self.value(one, CONFIGURATION.below(key))
        return self._secret(one, place._replace(key=plain(key)))

    def _by_name(self, kind: str) -> Callable[[Place], Change]:
        """A map from names to values, or to matchers of them."""

        def of_place(place: Place) -> Change:
            def change(name: str, value: Any) -> Any:
                if plain(name) in ("request", "response", "set", "add", "remove") and not isinstance(value, str):
                    return self.value(value, place.below(name))
                return self.value(value, place.compared(kind, name))

            return change

        return of_place

    def _all(self, place: Place) -> Change:
        return lambda key, member: self.value(member, place.below(key))

    def _namespace(self, name: str, value: Any) -> Any:
        if name in _METADATA_NAMESPACES:
            is_labels = name == "envoy.lb" and isinstance(value, dict)
            return _members(value, self._label) if is_labels else self.value(value, CONFIGURATION.below("metadata"))
        return self.value(value, Place(kind=kinds.METADATA, name=name))

    def _label(self, name: str, value: Any) -> Any:
        """A label's value; a selector's own fields are those of any message."""
        if isinstance(value, str):
            return self.values.text(value, Place("labels", name))
        return self._member(name, value, CONFIGURATION)

    def _named(self, place: Place) -> Change:
        """A map from names to names, or to messages."""
        return lambda name, value: self.value(value, Place() if isinstance(value, dict) else Place(place.key, name))

    def _variable(self, name: str, value: Any) -> Any:
        return self.value(value, Place(name=name, kind=kinds.ENVIRONMENT))

    def _environment(self, item: Any) -> Any:
        if not isinstance(item, dict):
            return self.value(item, Place(kind=kinds.ENVIRONMENT))
        name = str(item.get("name", ""))
        return _members(
            item,
            lambda key, one: self._variable(name, one) if key == "value" else self._member(key, one, CONFIGURATION),
        )

    def _annotation(self, name: str, value: Any) -> Any:
        """An annotation of the mesh is configuration if it looks like it; the values of all others may be private."""
        if name == PROXY_CONFIG and isinstance(value, str):
            return self._document(value, Place(name=name, kind=kinds.ANNOTATION))
        if _MESH_ANNOTATION.fullmatch(name) and isinstance(value, str) and _MESH_VALUE.fullmatch(value):
            return self.values.text(value, Place("name", name))
        return self.value(value, Place(name=name, kind=kinds.ANNOTATION))

    def _manifest(self, value: dict[str, Any], kind: str, version: str) -> dict[str, Any]:
        """A Kubernetes object. One of an unknown kind keeps its name and its labels."""
        if kind in ("Secret", "SecretList"):
            return _members(value, self._of_secret)
        if kind == "ConfigMap":
            return _members(value, self._of_config_map)
        if kind.endswith("List") or _KNOWN_GROUPS.fullmatch(version):
            return _members(value, lambda key, member: self._member(key, member, CONFIGURATION))
        unknown = Place(kind=kinds.UNKNOWN_KIND)
        return _members(
            value,
            lambda key, member: self._member(key, member, CONFIGURATION if key in _OF_ANY_OBJECT else unknown),
        )

    def _of_secret(self, key: str, member: Any) -> Any:
        """A member of a Kubernetes Secret, or of a SecretList, whose items need not name their kind."""
        if key in SECRET_DATA:
            return self._secret_data(member, key)
        if key == "items" and isinstance(member, list):
            return _each(member, lambda item: _members(item, self._of_secret) if isinstance(item, dict) else REDACTED)
        return self._member(key, member, CONFIGURATION)

    def _secret_data(self, member: Any, key: str) -> Any:
        in_base64 = Place("inlinebytes" if key == "data" else "", kind=kinds.SECRET_DATA)
        if isinstance(member, dict):
            return _members(member, lambda name, one: self.value(one, in_base64._replace(name=name)))
        return REDACTED

    def _of_config_map(self, key: str, member: Any) -> Any:
        if key not in ("data", "binaryData"):
            return self._member(key, member, CONFIGURATION)
        return _members(member, self._file) if isinstance(member, dict) else self.value(member, _CONFIG_MAP)

    def _file(self, name: str, value: Any) -> Any:
        """A file of a ConfigMap: the mesh's configuration, Envoy's, or a text of which nothing is known."""
        place = _CONFIG_MAP._replace(name=name)
        if isinstance(value, str) and (name in EMBEDDED_YAML or any(word in value for word in ENVOYS_FILES)):
            return self._document(value, place)
        return self.value(value, place)

    def _document(self, text: str, place: Place) -> str:
        """A text that is a document of its own; one that cannot be read is replaced like any other."""
        if self.values.keeps(place.name):
            return text
        try:
            values = [decoded(value) for value in values_of(Document.of("", text.encode("utf-8", "replace")))]
        except (GarbledError, *FAILURES):
            values = []
        if len(values) != 1 or not isinstance(values[0], (dict, list)):
            return self.values.text(text, place)
        new = self.value(values[0])
        return text if new is values[0] and "#" not in text else encoded(new).decode()


_CONFIG_MAP = Place(kind=kinds.CONFIG_MAP)
_OF_ANY_OBJECT = frozenset({"apiVersion", "kind", "metadata"})
_SECRET_PLACES = frozenset({
    "filename", "environmentvariable", "name", "namespace", "secretname", "@type", "providername", "path", "polldelay",
    "sdsconfig", "watcheddirectory", "secretkeyref", "secretref",
})  # fmt: skip
"""Members beside a secret that name its place and are not secret."""


def _of_type(url: str, place: Place) -> Place:
    """What a type says about the fields beside it: those of Envoy's and Istio's messages are known."""
    if url == "" or place.is_compared or _STRUCTS.fullmatch(url):
        return place  # what it holds has a type of its own
    if _KNOWN_TYPES.fullmatch(url):
        return place._replace(kind="") if place.kind in ("", kinds.UNKNOWN_TYPE, kinds.UNKNOWN_KIND) else place
    kind = place.kind or (kinds.PLUGIN if _WRAPPERS.fullmatch(url) else kinds.UNKNOWN_TYPE)
    return Place("bytesvalue" if url.endswith("BytesValue") else place.key, place.name, kind)


def _subject(value: dict[str, Any], place: Place) -> tuple[str, str] | None:
    """Kind and name of what an object compares or sets: `{name: x-user, exact_match: …}`, `{key: x-user, value: …}`."""
    if place.kind or place.is_compared:
        return None
    keys = {plain(key) for key in value}
    if "path" in keys and "value" in keys and isinstance(path := value["path"], list):
        last = path[-1].get("key") if path and isinstance(path[-1], dict) else ""
        is_identity = isinstance(last, str) and last.startswith("source.")
        return None if is_identity else (kinds.CLAIM, last if isinstance(last, str) else "")
    name = next((value[key] for key in _NAMES if isinstance(value.get(key), str)), None)
    if name is None or not (keys & _MATCHES or keys & _VALUES):
        return None
    if match := re.fullmatch(r"(request\.headers|request\.auth\.claims)((?:\[[^\]]*\])+)", name):
        return (kinds.HEADER if match[1].endswith("headers") else kinds.CLAIM), match[2].rpartition("[")[2][:-1]
    if keys & {"values", "notvalues"} or name.endswith(".version_text"):
        return None  # a condition on an address, a namespace, a principal: names
    return (kinds.QUERY if place.key.startswith("query") else kinds.HEADER), name


def _each(items: list[Any], change: Callable[[Any], Any]) -> list[Any]:
    new = [change(item) for item in items]
    return items if all(map(is_, new, items)) else new


def _members(members: dict[str, Any], change: Change) -> dict[str, Any]:
    new = {name: change(name, value) for name, value in members.items()}
    return members if all(map(is_, new.values(), members.values())) else new
