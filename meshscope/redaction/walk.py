"""A decoded value without what is not known to be configuration: one walk over objects, by their keys, kinds and types.

Invariant: a value in which nothing is replaced is returned as the same object. Structures are kept and only leaves replaced, so
that the result decodes and means the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from meshscope.redaction import place as kinds
from meshscope.redaction.fields import plain
from meshscope.redaction.manifests import Manifests
from meshscope.redaction.members import Change, each, members_of
from meshscope.redaction.name_keys import LABEL_KEYS, NAME_MAPS
from meshscope.redaction.numbers import FAILURES, Number, decoded, encoded
from meshscope.redaction.place import CONFIGURATION, Place
from meshscope.redaction.subjects import MATCHES, VALUE_MAPS, VALUES, Subject, subject_of
from meshscope.redaction.values import Values
from meshscope.snapshot.sensitive import SECRET_KEYS

_KNOWN_TYPES = re.compile(r"(?:[\w.-]+/)?(?:envoy|istio|xds|udpa|type|extensions)\.(?:[a-z0-9_]+\.)+\w+")
_WRAPPERS = re.compile(r"(?:[\w.-]+/)?google\.protobuf\.\w+")
_STRUCTS = re.compile(r"(?:[\w.-]+/)?(?:udpa\.type\.v1|xds\.type\.v3)\.TypedStruct")
_KNOWN_FILTER = re.compile(r"envoy\.|istio|mixer$|jwt-auth$")
_TYPE_KEYS = frozenset({"@type", "type_url", "typeUrl"})
_METADATA_NAMESPACES = frozenset(
    {"istio", "envoy.lb", "envoy.transport_socket_match", "istio_mtls", "envoy.filters.http.rbac"}
)
_FREE = {
    "pluginconfig": kinds.PLUGIN, "configuration": kinds.PLUGIN, "args": kinds.ARGUMENT, "command": kinds.ARGUMENT,
    "send": kinds.PAYLOAD, "receive": kinds.PAYLOAD, "inlinecode": kinds.SOURCE, "commandlineargs": kinds.ARGUMENT,
}  # fmt: skip
"""Fields below which nothing is kept, and the kind of what is replaced there."""
_FREE_KEY = re.compile(
    r"@?(?:[a-z]{1,32}+(?:_[a-z]{1,32}+){0,8}|[A-Za-z]?[a-z]{1,32}+(?:[A-Z]{1,3}[a-z]{1,32}+){0,8})[0-9]?"
)
"""snake_case and camelCase."""
_LISTS = frozenset({"env", "credentials"})
_SECRET_PLACES = frozenset({
    "filename", "environmentvariable", "name", "namespace", "secretname", "@type", "providername", "path", "polldelay",
    "sdsconfig", "watcheddirectory", "secretkeyref", "secretref",
})  # fmt: skip
"""Members beside a secret that name its place and are not secret."""


class Walk:
    """One run of redaction."""

    def __init__(self, values: Values) -> None:
        self.values = values
        self._manifests = manifests = Manifests(values, self.value, self._member)
        self._maps: dict[str, Callable[[Place], Change]] = {
            **dict.fromkeys(map(plain, LABEL_KEYS), lambda _place: self._label),
            **dict.fromkeys(map(plain, NAME_MAPS), self._named),
            **dict.fromkeys(("headers", "withoutheaders", "set", "add"), self._by_name(kinds.HEADER)),
            "logformat": lambda _place: self._log_format,
            "queryparams": self._by_name(kinds.QUERY),
            "annotations": lambda _place: manifests.annotation,
            **dict.fromkeys(
                ("environmentvariables", "proxymetadata", "keyvalues", "env"), lambda _place: manifests.variable
            ),
            **dict.fromkeys(("filtermetadata", "typedfiltermetadata"), lambda _place: self._namespace),
            **dict.fromkeys(("staticlayer", "runtimevalues"), lambda place: self._all(place.free(kinds.NUMBERS))),
        }
        self._special = frozenset((*self._maps, *_FREE, *_LISTS))

    def below(self, place: Place, key: str) -> Place | None:
        """For `Slices`: None where an object means more than its members."""
        new = place.below(key)
        return None if place.kind or key in SECRET_KEYS or new.key in self._special else new

    def value(self, value: Any, place: Place = CONFIGURATION) -> Any:
        if isinstance(value, str):
            is_json = place.kind == kinds.PLUGIN and value[:1] in ("{", "[")
            return self._json(value, place) if is_json else self.values.text(value, place)
        if isinstance(value, dict):
            return self._object(value, place)
        return each(value, lambda item: self.value(item, place)) if isinstance(value, list) else value

    def _json(self, text: str, place: Place) -> str:
        """A plugin's configuration as a text: it stays equal to the same one in an object."""
        try:
            value = decoded(text.encode("utf-8", "replace"))
        except FAILURES:
            return self.values.text(text, place)
        new = self.value(value, place)
        return text if new is value else encoded(new).decode()

    def _object(self, value: dict[str, Any], place: Place) -> dict[str, Any]:
        if place.kind in ("", kinds.UNKNOWN_DOCUMENT) and self._manifests.is_manifest(value):
            return self._manifests.manifest(value)
        for key in _TYPE_KEYS & value.keys():
            place = _of_type(value[key], place)
        if subject := subject_of(value, place):
            return members_of(value, lambda key, member: self._of_subject(key, member, place, subject))
        if "config" in value and not _KNOWN_FILTER.match(str(value.get("name", "envoy."))):
            untyped = place.free(place.kind or kinds.UNKNOWN_TYPE)  # as API v2 has them
            return members_of(value, lambda key, one: self._member(key, one, untyped if key == "config" else place))
        if place.kind and not place.is_compared:
            new = {self._free_key(key): self._member(key, one, place) for key, one in value.items()}
            return value if new == value else new
        return members_of(value, lambda key, member: self._member(key, member, place))

    def _free_key(self, key: str) -> str:
        """A key of an object of which nothing is known: a word stays, a text that may be a value does not."""
        return key if _FREE_KEY.fullmatch(key) or self.values.keeps(key) else self.values.stand_ins.text(key)

    def _member(self, key: str, member: Any, place: Place) -> Any:
        below = place.below(key)
        if place.key == "bytesvalue" and key == "value":
            below = below._replace(key=place.key)
        if key in SECRET_KEYS:
            return self._secret(member, below.free(kinds.CREDENTIAL))
        if key in _TYPE_KEYS and isinstance(member, str):
            return self.value(member, Place("@type", key))
        if not place.kind and below.key in self._special:
            return self._of_special(member, below)
        return self.value(member, below)

    def _of_special(self, member: Any, place: Place) -> Any:
        if place.key in self._maps and isinstance(member, dict):
            return members_of(member, self._maps[place.key](place))
        if place.key in _LISTS and isinstance(member, list):
            return each(member, self._manifests.environment if place.key == "env" else self._credential)
        kind = kinds.CREDENTIAL if place.key == "credentials" else _FREE.get(place.key)
        return self.value(member, place.free(kind) if kind else place)

    def _credential(self, item: Any) -> Any:
        """A client's API key; the client has a name."""
        free = Place(kind=kinds.CREDENTIAL)
        if not isinstance(item, dict) or "client" not in item:
            return self.value(item, free)
        return members_of(item, lambda key, one: self._member(key, one, CONFIGURATION if key == "client" else free))

    def _of_subject(self, key: str, member: Any, place: Place, subject: Subject) -> Any:
        """A member of an object that compares or sets what has a name of its own."""
        below = place.below(key)
        compared = below.compared(*subject)
        if below.key in VALUE_MAPS and isinstance(member, dict):
            return members_of(member, lambda _map, ways: self._by_value(ways, compared))
        is_value = below.key in MATCHES or below.key in VALUES
        return self.value(member, compared) if is_value else self._member(key, member, place)

    def _by_value(self, ways: Any, compared: Place) -> Any:
        """A map of a matcher tree, from a value to what follows."""
        if not isinstance(ways, dict):
            return self.value(ways, compared)
        new = {self.values.text(key, compared): self.value(way) for key, way in ways.items()}
        return ways if new == ways else new

    def _secret(self, member: Any, place: Place) -> Any:
        """All of it but the names of its place: a file, a variable, an SDS source."""
        if isinstance(member, dict):
            return members_of(member, lambda key, one: self._secret_part(key, one, place))
        if isinstance(member, list):
            return each(member, lambda one: self._secret(one, place))
        is_number = isinstance(member, (int, Number)) and not isinstance(member, bool)
        return self.value(str(member) if is_number else member, place)

    def _secret_part(self, key: str, one: Any, place: Place) -> Any:
        if plain(key) in _SECRET_PLACES:
            return self.value(one, CONFIGURATION.below(key))
        return self._secret(one, place._replace(key=plain(key)))

    def _by_name(self, kind: str) -> Callable[[Place], Change]:
        """A map from names to values, or to matchers of them; Istio's own fields stand at the same places."""

        def of_place(place: Place) -> Change:
            def change(name: str, value: Any) -> Any:
                is_field = plain(name) in ("request", "response", "set", "add", "remove") and not isinstance(value, str)
                return self._member(name, value, place) if is_field else self.value(value, place.compared(kind, name))

            return change

        return of_place

    def _all(self, place: Place) -> Change:
        return lambda key, member: self.value(member, place.below(key))

    def _namespace(self, name: str, value: Any) -> Any:
        """Metadata of one filter: Istio's and the load balancer's are known, others may be compared."""
        if name == "envoy.lb" and isinstance(value, dict):
            return members_of(value, self._label)
        is_known = name in _METADATA_NAMESPACES
        return self.value(value, CONFIGURATION.below("metadata") if is_known else Place().compared(kinds.CLAIM, name))

    def _log_format(self, name: str, value: Any) -> Any:
        """MeshConfig's `logFormat`: its labels are the fields of a log, each with a format."""
        return self.value(value, Place("textformat", name))

    def _label(self, name: str, value: Any) -> Any:
        """A label's value; a selector's own fields are those of any message."""
        if isinstance(value, str):
            return self.values.text(value, Place("labels", name))
        return self._member(name, value, CONFIGURATION)

    def _named(self, place: Place) -> Change:
        """A map from names to names, or to messages."""
        return lambda name, value: self.value(value, Place() if isinstance(value, dict) else Place(place.key, name))


def _of_type(url: Any, place: Place) -> Place:
    """What a type says about the fields beside it: those of Envoy's and Istio's messages are known."""
    if not isinstance(url, str) or url == "" or place.is_compared or _STRUCTS.fullmatch(url):
        return place  # what it holds has a type of its own
    if _KNOWN_TYPES.fullmatch(url):
        return place._replace(kind="") if place.kind in ("", kinds.UNKNOWN_TYPE, kinds.UNKNOWN_KIND) else place
    kind = place.kind or (kinds.PLUGIN if _WRAPPERS.fullmatch(url) else kinds.UNKNOWN_TYPE)
    return Place("bytesvalue" if url.endswith("BytesValue") else place.key, place.name, kind)
