"""Objects of Kubernetes: what is known of each kind, and the texts in them that are documents of their own."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from meshscope.location import Document
from meshscope.redaction import place as kinds
from meshscope.redaction.members import Change, each, members_of
from meshscope.redaction.name_keys import EMBEDDED_YAML
from meshscope.redaction.numbers import FAILURES, decoded, encoded
from meshscope.redaction.place import CONFIGURATION, Place
from meshscope.redaction.values import Values
from meshscope.snapshot.json_text import GarbledError, values_of
from meshscope.snapshot.sensitive import REDACTED, SECRET_DATA

PROXY_CONFIG = "proxy.istio.io/config"
"""The annotation with a configuration of its own, in YAML."""
ENVOYS_FILES = ("static_resources", "staticResources", "type.googleapis.com/envoy.")
"""Words of Envoy's configuration that a ConfigMap holds as a file."""
_SECRETS, _CONFIG_MAPS = frozenset({"Secret", "SecretList"}), frozenset({"ConfigMap", "ConfigMapList"})
_KNOWN_GROUPS = re.compile(
    r"v1|v1beta1|(?:apps|batch|policy|autoscaling|extensions)/\w+"
    r"|(?:[a-z0-9-]+\.)*(?:istio\.io|gateway\.networking\.(?:x-)?k8s\.io|networking\.k8s\.io|discovery\.k8s\.io"
    r"|multicluster\.x-k8s\.io|apiextensions\.k8s\.io)/\w+"
)
_OF_ANY_OBJECT = frozenset({"apiVersion", "kind", "metadata"})
_MESH_ANNOTATION = re.compile(
    r"(?:[\w-]+\.)*(?:istio\.io|gateway\.networking\.k8s\.io)/.+|ingressclass\.kubernetes\.io/.+"
)
_MESH_VALUE = re.compile(r"[A-Za-z0-9_.*:/, |-]{0,253}+")
_CONFIG_MAP = Place(kind=kinds.CONFIG_MAP)
_UNKNOWN = Place(kind=kinds.UNKNOWN_KIND)


class Manifests:
    """`value` redacts a value at a place, `member` a member of an object there."""

    def __init__(
        self, values: Values, value: Callable[[Any, Place], Any], member: Callable[[str, Any, Place], Any]
    ) -> None:
        self._values = values
        self._value = value
        self._member = member

    def is_manifest(self, value: dict[str, Any]) -> bool:
        kind = value.get("kind")
        return isinstance(kind, str) and (isinstance(value.get("apiVersion"), str) or kind in _SECRETS)

    def manifest(self, value: dict[str, Any]) -> dict[str, Any]:
        """One of an unknown kind keeps its name and its labels."""
        kind, version = value["kind"], str(value.get("apiVersion", "v1"))
        if kind in _SECRETS:
            change = self._of_secret
        elif kind in _CONFIG_MAPS:
            change = self._of_config_map
        else:
            change = self._of_known if _KNOWN_GROUPS.fullmatch(version) else self._of_unknown
        return members_of(value, lambda key, member: self._of_list(key, member, change))

    def _of_list(self, key: str, member: Any, change: Change) -> Any:
        """A member of an object, or of a list, whose items need not name their kind."""
        if key != "items" or not isinstance(member, list):
            return change(key, member)
        return each(member, lambda item: self._item(item, change))

    def _item(self, item: Any, change: Change) -> Any:
        if not isinstance(item, dict):
            return self._value(item, _UNKNOWN)
        return self.manifest(item) if self.is_manifest(item) else members_of(item, change)

    def _of_known(self, key: str, member: Any) -> Any:
        return self._member(key, member, CONFIGURATION)

    def _of_unknown(self, key: str, member: Any) -> Any:
        return self._member(key, member, CONFIGURATION if key in _OF_ANY_OBJECT else _UNKNOWN)

    def _of_secret(self, key: str, member: Any) -> Any:
        """A member of a Kubernetes Secret."""
        if key in SECRET_DATA:
            in_base64 = Place("inlinebytes" if key == "data" else "", kind=kinds.SECRET_DATA)
            if not isinstance(member, dict):
                return REDACTED
            return members_of(member, lambda name, one: self._value(one, in_base64._replace(name=name)))
        return self._member(key, member, CONFIGURATION)

    def _of_config_map(self, key: str, member: Any) -> Any:
        if key not in ("data", "binaryData"):
            return self._member(key, member, CONFIGURATION)
        return members_of(member, self._file) if isinstance(member, dict) else self._value(member, _CONFIG_MAP)

    def _file(self, name: str, value: Any) -> Any:
        """A file of a ConfigMap: the mesh's configuration, Envoy's, or a text of which nothing is known."""
        place = _CONFIG_MAP._replace(name=name)
        if isinstance(value, str) and (name in EMBEDDED_YAML or any(word in value for word in ENVOYS_FILES)):
            return self._document(value, place)
        return self._value(value, place)

    def annotation(self, name: str, value: Any) -> Any:
        """An annotation of the mesh is configuration if it looks like it; the values of all others may be private."""
        if name == PROXY_CONFIG and isinstance(value, str):
            return self._document(value, Place(name=name, kind=kinds.ANNOTATION))
        if _MESH_ANNOTATION.fullmatch(name) and isinstance(value, str) and _MESH_VALUE.fullmatch(value):
            return self._values.text(value, Place("name", name))
        return self._value(value, Place(name=name, kind=kinds.ANNOTATION))

    def variable(self, name: str, value: Any) -> Any:
        return self._value(value, Place(name=name, kind=kinds.ENVIRONMENT))

    def environment(self, item: Any) -> Any:
        """An item of a container's list of variables: its name stays."""
        if not isinstance(item, dict):
            return self._value(item, Place(kind=kinds.ENVIRONMENT))
        name = str(item.get("name", ""))
        return members_of(
            item,
            lambda key, one: self.variable(name, one) if key == "value" else self._member(key, one, CONFIGURATION),
        )

    def _document(self, text: str, place: Place) -> str:
        """A text that is a document of its own; one that cannot be read is replaced like any other."""
        if self._values.keeps(place.name):
            return text
        try:
            values = [decoded(value) for value in values_of(Document.of("", text.encode("utf-8", "replace")))]
        except (GarbledError, *FAILURES):
            values = []
        if len(values) != 1 or not isinstance(values[0], (dict, list)):
            return self._values.text(text, place)
        new = self._value(values[0], CONFIGURATION)
        return text if new is values[0] and "#" not in text else encoded(new).decode()
