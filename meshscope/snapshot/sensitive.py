"""What no answer shows, not even to its owner: fields whose whole content is secret, and the data of Kubernetes Secrets."""

from __future__ import annotations

from meshscope.path import camel

REDACTED = "[redacted]"
"""Envoy's own word for what it hides."""

SECRET_FIELDS = (
    "private_key", "private_key_provider", "password", "pkcs12", "session_ticket_keys", "generic_secret",
)  # fmt: skip
SECRET_KEYS = frozenset((*SECRET_FIELDS, *map(camel, SECRET_FIELDS)))

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
SECRET_DATA = frozenset({"data", "stringData"})
"""Where a Kubernetes Secret holds its content."""
