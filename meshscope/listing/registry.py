"""All kinds, and which of them a word means."""

from __future__ import annotations

from importlib import import_module

from meshscope.errors import UsageError
from meshscope.istio.kinds.resources import RESOURCE_KINDS, ResourceKind, kinds_named
from meshscope.listing.kind import Kind
from meshscope.mesh.mesh import Mesh
from meshscope.nearest import nearest

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
}
"""Kinds of proxies and of the whole mesh -> further words; `meshscope.listing.kinds.NAME` holds each, imported when asked
for. The kinds of manifests are `meshscope.istio.kinds.resources.RESOURCE_KINDS`."""


def kind_of_name(name: str) -> Kind:
    """One of KINDS by its own name."""
    kind: Kind = import_module(f"meshscope.listing.kinds.{name}").KIND
    return kind


def words() -> list[str]:
    """Every word that names a kind, for completion and for what was nearly typed right."""
    return sorted({*KINDS, *(entry.plural for entry in RESOURCE_KINDS)})


def kind_named(word: str, mesh: Mesh | None = None) -> Kind:
    """The kind that a word means. A word that Envoy and Kubernetes share is Envoy's; `kind.group` is always clear.

    Raises UsageError for an unknown word, and for one that stays ambiguous after looking at what the mesh holds.
    """
    wanted = word.lower()
    for name, others in KINDS.items():
        if wanted == name or wanted in others:
            return kind_of_name(name)
    entries = kinds_named(wanted.replace(".core", "."))
    if not entries:
        raise UsageError(f"no kind {word!r}{nearest(wanted, words())}")
    if len(entries) > 1 and mesh is not None:
        entries = tuple(entry for entry in entries if any(mesh.objects_of(entry.kind, entry.group))) or entries
    if len(entries) > 1:
        raise UsageError(f"{word!r} is ambiguous: {', '.join(_unambiguous(entry) for entry in entries)}")
    from meshscope.listing.kinds.objects import kind_for  # proxies' kinds need no manifests

    return kind_for(entries[0])


def _unambiguous(entry: ResourceKind) -> str:
    return str(entry) if entry.group else f"{entry.plural}.core"
