"""Removes what answers must not show: private keys, passwords, and the data of Kubernetes Secrets."""

from __future__ import annotations

from typing import Any

from meshscope.istio.manifest import Object
from meshscope.snapshot.sensitive import LAST_APPLIED, REDACTED, SECRET_DATA, SECRET_KEYS
from meshscope.untyped import untyped

_OF_SECRETS = SECRET_KEYS | SECRET_DATA | {LAST_APPLIED}


def redacted(value: Any, keys: frozenset[str] = SECRET_KEYS) -> Any:
    """A decoded resource with its sensitive members replaced."""
    if isinstance(value, dict):
        return {key: REDACTED if key in keys else redacted(member, keys) for key, member in value.items()}
    return [redacted(item, keys) for item in value] if isinstance(value, list) else value


def shown_body(item: Object) -> Any:
    """The whole object of a manifest, decoded, without its secrets."""
    keys = _OF_SECRETS if item.kind == "Secret" else SECRET_KEYS
    return redacted(untyped(item.body), keys)
