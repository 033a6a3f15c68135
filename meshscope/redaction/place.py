"""Where a value stands, as far as its redaction depends on it."""

from __future__ import annotations

from typing import NamedTuple

from meshscope.redaction.fields import plain

HEADER, QUERY, CLAIM = "header value", "query value", "metadata value"
"""Kinds of values that are compared: they have stand-ins."""
FIELD, UNKNOWN_TYPE, UNKNOWN_KIND, UNKNOWN_DOCUMENT = (
    "unknown field", "unknown extension", "object of an unknown kind", "unknown document",
)  # fmt: skip
SOURCE, PLUGIN, PAYLOAD, NUMBERS = (
    "data source", "plugin configuration", "health check payload", "runtime value",
)  # fmt: skip
ANNOTATION, ENVIRONMENT, ARGUMENT, CONFIG_MAP, SECRET_DATA, LOG_FIELD, LINE, CREDENTIAL = (
    "annotation", "environment variable", "argument", "text of a ConfigMap", "data of a Secret", "log field", "line of text",
    "credential",
)  # fmt: skip
"""Kinds of what is replaced, as a recording's manifest counts them."""


class Place(NamedTuple):
    """`key` is the field above in its plain spelling, `name` what the value belongs to: a header, a variable, a field.

    `kind` is "" where fields are known; below a kind of free text nothing is kept. With `is_compared` the value has a stand-in.
    """

    key: str = ""
    name: str = ""
    kind: str = ""
    is_compared: bool = False

    def below(self, name: str) -> Place:
        """The place of a member."""
        if self.is_compared:
            return self._replace(key=plain(name))
        return Place(plain(name), self.name if self.kind and self.name else name, self.kind)

    def free(self, kind: str, name: str = "") -> Place:
        return Place(self.key, name or self.name, kind)

    def compared(self, kind: str, name: str) -> Place:
        return Place(self.key, name, kind, is_compared=True)


CONFIGURATION = Place()
