"""The registry of kinds of Kubernetes, Istio and the Gateway API: `get`, completion and look-ups read it."""

from __future__ import annotations

from meshscope.istio.kinds.istio_kinds import GATEWAY_API_KINDS, ISTIO_KINDS
from meshscope.istio.kinds.kubernetes_kinds import KUBERNETES_KINDS
from meshscope.istio.kinds.resource_kind import ResourceKind

__all__ = ["RESOURCE_KINDS", "ResourceKind", "kind_of", "kinds_named"]

RESOURCE_KINDS = KUBERNETES_KINDS + ISTIO_KINDS + GATEWAY_API_KINDS


def kinds_named(word: str) -> tuple[ResourceKind, ...]:
    """The kinds that a word may mean, case ignored: `vs`, `virtualservice`, `virtualservices.networking.istio.io`.

    `gateway` is two of them; the word with its group is one. Empty for an unknown word.
    """
    name, _, group = word.lower().partition(".")
    return tuple(kind for kind in RESOURCE_KINDS if name in kind.words and group in ("", kind.group))


def kind_of(group: str, kind: str) -> ResourceKind | None:
    """The entry of an object's group and kind; None for kinds that are not listed here."""
    return next((entry for entry in RESOURCE_KINDS if entry.kind == kind and entry.group == group), None)
