"""The registry of kinds of Kubernetes, Istio and the Gateway API, for `get`, completion and look-ups."""

from __future__ import annotations

from meshscope.istio.kinds.istio_kinds import GATEWAY_API_KINDS, ISTIO_KINDS
from meshscope.istio.kinds.kubernetes_kinds import KUBERNETES_KINDS
from meshscope.istio.kinds.resource_kind import ResourceKind

__all__ = ["RESOURCE_KINDS", "ResourceKind", "kind_of", "kinds_named"]

RESOURCE_KINDS = KUBERNETES_KINDS + ISTIO_KINDS + GATEWAY_API_KINDS


def kinds_named(word: str) -> tuple[ResourceKind, ...]:
    """The kinds that a word may mean, ignoring case: `vs`, `virtualservice`, `virtualservices.networking.istio.io`.

    `gateway` means two kinds, with its group only one. Empty for an unknown word.
    """
    name, _, group = word.lower().partition(".")
    return tuple(kind for kind in RESOURCE_KINDS if name in kind.words and group in ("", kind.group))


def kind_of(group: str, kind: str) -> ResourceKind | None:
    """The entry for an object's group and kind; None for a kind outside the registry."""
    return next((entry for entry in RESOURCE_KINDS if entry.kind == kind and entry.group == group), None)
