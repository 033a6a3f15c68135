"""All kinds, and which of them a word means."""

from __future__ import annotations

from typing import Any

from meshscope.errors import UsageError
from meshscope.istio.kinds.resources import RESOURCE_KINDS, ResourceKind, kinds_named
from meshscope.listing.kind import Kind, kind_of_name
from meshscope.mesh.mesh import Mesh
from meshscope.nearest import nearest

__all__ = ["KINDS", "kind_named", "kind_of_name", "words"]

KINDS = {
    "proxies": ("proxy", "ps", "proxy-status"),
    "listeners": ("listener", "lis", "l"),
    "filterchains": ("filterchain", "filter-chain", "filter-chains", "chain", "chains", "fc"),
    "routes": ("route", "r"),
    "clusters": ("cluster", "c", "cds"),
    "endpoints": ("endpoint", "ep", "eds"),
    "secrets": ("secret", "s", "sds"),
    "ecds": ("extension", "extensions"),
    "bootstrap": ("bootstraps", "boot"),
    "services": ("service", "svc"),
    "workloads": ("workload", "wl"),
    "policies": ("policy",),
}
"""Kinds of proxies and of the whole mesh -> further words; each is in `meshscope.listing.kinds.NAME`, imported when asked
for. The kinds of manifests are `meshscope.istio.kinds.resources.RESOURCE_KINDS`."""


def words() -> list[str]:
    """The plural of every kind, for completion and hints."""
    return sorted({*KINDS, *(entry.plural for entry in RESOURCE_KINDS)})


def kind_named(word: str, mesh: Mesh | None = None) -> Kind[Any]:
    """The kind that a word means, case ignored. A word of Envoy and Kubernetes means Envoy's kind; `kind.group` is never
    ambiguous.

    Raises UsageError for an unknown word, and for an ambiguous one if the mesh has objects of several such kinds.
    """
    wanted = word.lower()
    for name, others in KINDS.items():
        if wanted == name or wanted in others:
            return kind_of_name(name)
    entries = kinds_named(wanted.replace(".core", "."))
    if not entries:
        known = [*KINDS, *(plural for plural in words() if plural not in KINDS)]
        raise UsageError(f"no kind {word!r}{nearest(wanted, known)}")
    if len(entries) > 1 and mesh is not None:
        entries = tuple(entry for entry in entries if any(mesh.objects_of(entry.kind, entry.group))) or entries
    if len(entries) > 1:
        raise UsageError(f"{word!r} is ambiguous: {', '.join(_unambiguous(entry) for entry in entries)}")
    from meshscope.listing.kinds.objects import kind_for  # kinds of proxies need no manifests

    return kind_for(entries[0])


def _unambiguous(entry: ResourceKind) -> str:
    return str(entry) if entry.group else f"{entry.plural}.core"
