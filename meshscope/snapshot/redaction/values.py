"""A decoded value without its secrets: one walk over keys, places and texts.

Invariant: a value without secrets is returned as the same object, so that the caller knows whether there were any. Structures
are kept and only leaves replaced, so that the result decodes and means the same.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from operator import is_
from typing import Any

from meshscope.location import Document
from meshscope.snapshot.json_text import GarbledError, values_of
from meshscope.snapshot.redaction.headers import redacted_matcher, redacted_pair
from meshscope.snapshot.redaction.key_sets import is_key_set, is_symmetric, public_key
from meshscope.snapshot.redaction.numbers import FAILURES, Number, decoded, encoded
from meshscope.snapshot.redaction.queries import without_query
from meshscope.snapshot.redaction.sensitive import (
    ANNOTATION_ENDING,
    REDACTED,
    REDACTED_BASE64,
    SECRET_DATA,
    Role,
    is_credential,
    role,
)
from meshscope.snapshot.redaction.texts import redacted_text

_KEPT_TEXTS = 50_000
_PLACES = frozenset({
    "filename", "environment_variable", "environmentVariable", "name", "namespace", "secret_name", "secretName", "@type",
    "provider_name", "providerName", "path", "poll_delay", "pollDelay",
})  # fmt: skip
_REFERENCES = frozenset(
    {"sds_config", "sdsConfig", "watched_directory", "watchedDirectory", "secretKeyRef", "secretRef"}
)
"""Members beside a secret that name its place and are not secret."""
_OF_ENVOYS_FILES = ("static_resources", "staticResources", "type.googleapis.com/envoy.")
"""Words of Envoy's configuration that a ConfigMap holds as a file."""
_SOURCES = frozenset({"inline_bytes", "inlineBytes", "inline_string", "inlineString"})


class Redaction:
    """One run of redaction. Texts are kept: dumps repeat them again and again.

    `is_log` is for lines of an access log, whose paths lose their queries.
    """

    def __init__(self, *, is_log: bool = False) -> None:
        self._is_log = is_log
        self._texts: dict[str, str] = {}

    def value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, dict):
            return self._object(value)
        return self._each(value, self.value) if isinstance(value, list) else value

    def _each(self, items: list[Any], change: Any) -> list[Any]:
        new = [change(item) for item in items]
        return items if all(map(is_, new, items)) else new

    def _object(self, value: dict[str, Any]) -> dict[str, Any]:
        whole = public_key(value) if "kty" in value else redacted_pair(value)
        if (kind := whole.get("kind")) == "Secret" or kind == "SecretList":
            new = {key: self._secret_member(key, member) for key, member in whole.items()}
        else:
            new = {key: self._member(key, member) for key, member in whole.items()}
        if whole is value and all(map(is_, new.values(), value.values())):
            return value
        return new

    def _secret_member(self, key: str, member: Any) -> Any:
        """A member of a Kubernetes Secret, or of a SecretList, whose items need not name their kind."""
        if key in SECRET_DATA:
            return self._secret_data(member, key)
        if key == "items" and isinstance(member, list):
            return self._each(member, self._secret_item)
        return self._member(key, member)

    def _secret_item(self, item: Any) -> Any:
        if not isinstance(item, dict):
            return self.value(item)
        return _values(item, self._secret_member)

    def _member(self, key: str, member: Any) -> Any:
        key_role = role(key)
        if key_role is Role.NONE:
            return self.value(member)
        if key_role is Role.SECRET or (key_role is Role.ENDING and _is_secret(member)):
            return self._hidden(member)
        if isinstance(member, str):
            return self._sensitive_text(key_role, member)
        return self._inside(key_role, key, member)

    def _sensitive_text(self, key_role: Role, member: str) -> str:
        if key_role is Role.BASE64:
            return self._base64(member)
        is_value = key_role is Role.HEADER or (key_role is Role.COOKIE and ("=" in member or self._is_log))
        return REDACTED if is_value and member not in ("", "-") else self._text(member)

    def _inside(self, key_role: Role, key: str, member: Any) -> Any:
        """The objects and arrays below a key, by its role."""
        if isinstance(member, list):
            one = {Role.ENVIRONMENT: self._variable, Role.CREDENTIALS: self._credential}.get(key_role, self.value)
            return self._each(member, one)
        if not isinstance(member, dict):
            return member
        if key_role is Role.ANNOTATIONS:
            return self._annotations(member)
        if key_role is Role.VARIABLES:
            return _values(member, _variable)
        if key_role is Role.USERS and _SOURCES & member.keys():
            return self._hidden(member)
        return self.value(redacted_matcher(member) if is_credential(key) else member)

    def _hidden(self, value: Any, key: str = "") -> Any:
        """A placeholder of the secret's form. An empty value stays, and so does the name of a secret's place."""
        if isinstance(value, dict):
            new = {
                name: one
                if name in _REFERENCES or (name in _PLACES and isinstance(one, str))
                else self._hidden(one, name)
                for name, one in value.items()
            }
            return value if new == value else new
        if isinstance(value, list):
            new_items = [self._hidden(one, key) for one in value]
            return value if new_items == value else new_items
        if value is None or isinstance(value, bool) or value == "":
            return value
        return REDACTED_BASE64 if role(key) is Role.BASE64 else REDACTED

    def _secret_data(self, member: Any, key: str) -> Any:
        if not isinstance(member, dict):
            return self._hidden(member)
        new = {name: (REDACTED_BASE64 if key == "data" else REDACTED) if one else one for name, one in member.items()}
        return member if new == member else new

    def _annotations(self, member: dict[str, Any]) -> dict[str, Any]:
        def change(name: str, value: Any) -> Any:
            if not isinstance(value, str) or ANNOTATION_ENDING.fullmatch(name):
                return self.value(value)
            return REDACTED if value else value

        return _values(member, change)

    def _variable(self, item: Any) -> Any:
        """A container's environment variable: its name stays."""
        if not isinstance(item, dict) or not isinstance(item.get("value"), str):
            return self.value(item)
        value = _variable("", item["value"])
        return item if value == item["value"] else item | {"value": value}

    def _credential(self, item: Any) -> Any:
        """A client's API key."""
        is_key = isinstance(item, dict) and isinstance(item.get("key"), str) and "client" in item
        item = item | {"key": REDACTED} if is_key and item["key"] != REDACTED else item
        return self.value(item)

    def _base64(self, text: str) -> str:
        """Bytes of any sort, hidden if they hold a secret; a key set keeps its public part."""
        try:
            plain = b64decode(text, validate=True).decode()
        except ValueError:
            return self._text(text)
        new = self._text(plain)
        if new is plain or new == plain:
            return text
        return REDACTED_BASE64 if "PRIVATE KEY" in plain else b64encode(new.encode()).decode()

    def _text(self, text: str) -> str:
        known = self._texts.get(text)
        if known is not None:
            return known or text
        new = self._redacted_text(text)
        if len(self._texts) >= _KEPT_TEXTS:
            self._texts.clear()
        self._texts[text] = "" if new == text else new
        return text if new == text else new

    def _redacted_text(self, text: str) -> str:
        if self._is_log:
            text = without_query(text)
        is_file = "\n" in text and any(word in text for word in _OF_ENVOYS_FILES)
        if is_file or "proxyMetadata" in text or (len(text) > 8 and text.lstrip()[:1] in ("{", "[")):
            inner = self._embedded(text)
            if inner is not None:
                return inner
        return redacted_text(text)

    def _embedded(self, text: str) -> str | None:
        """A text that is JSON, or YAML with variables in it; None for any other. Without secrets the same text."""
        try:
            values = [decoded(value) for value in values_of(Document.of("", text.encode("utf-8", "replace")))]
        except (GarbledError, *FAILURES):
            return None
        if len(values) != 1 or not isinstance(values[0], (dict, list)):
            return None
        if isinstance(values[0], dict) and is_key_set(values[0]) and is_symmetric(values[0]):
            return REDACTED
        new = self.value(values[0])
        return text if new is values[0] else encoded(new).decode()


def _values(members: dict[str, Any], change: Any) -> dict[str, Any]:
    new = {name: change(name, value) for name, value in members.items()}
    return members if all(map(is_, new.values(), members.values())) else new


def _variable(_name: str, value: Any) -> Any:
    """A placeholder for a variable. Switches stay: they are not private, and how the proxy captures depends on them."""
    return value if not isinstance(value, str) or value in ("", "true", "false", REDACTED) else REDACTED


def _is_secret(member: Any) -> bool:
    """Whether the value of a key that sounds like a secret is one: a text, a number, or Envoy's data source."""
    if isinstance(member, dict):
        return bool(_SOURCES & member.keys())
    return isinstance(member, (str, int, Number))
