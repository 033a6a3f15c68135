"""What no answer shows: private keys, passwords, and the data of Kubernetes Secrets."""

from __future__ import annotations

from typing import Any

import msgspec

from meshscope.istio.manifest import Object

REDACTED = "[redacted]"
_SENSITIVE = frozenset({
    "private_key", "privateKey", "private_key_provider", "privateKeyProvider", "password",
    "session_ticket_keys", "sessionTicketKeys", "generic_secret", "genericSecret",
})  # fmt: skip
_OF_SECRETS = frozenset({"data", "stringData", "kubectl.kubernetes.io/last-applied-configuration"})


def redacted(value: Any, keys: frozenset[str] = _SENSITIVE) -> Any:
    """A decoded resource with its sensitive members replaced."""
    if isinstance(value, dict):
        return {key: REDACTED if key in keys else redacted(member, keys) for key, member in value.items()}
    return [redacted(item, keys) for item in value] if isinstance(value, list) else value


def shown_body(item: Object) -> Any:
    """The whole object of a manifest, decoded, without what is secret in it."""
    keys = _SENSITIVE | _OF_SECRETS if item.kind == "Secret" else _SENSITIVE
    return redacted(msgspec.json.decode(item.body), keys)
