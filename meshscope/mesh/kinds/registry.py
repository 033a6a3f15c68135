"""All kinds, and which of them a word means."""

from __future__ import annotations

from meshscope.errors import UsageError
from meshscope.istio.resources import RESOURCE_KINDS, ResourceKind, kinds_named
from meshscope.mesh.kinds import (
    bootstrap,
    clusters,
    ecds,
    endpoints,
    filter_chains,
    listeners,
    proxies,
    routes,
    secrets,
    services,
)
from meshscope.mesh.kinds.kind import Kind
from meshscope.mesh.kinds.objects import kind_for
from meshscope.mesh.kinds.selection import nearest
from meshscope.mesh.mesh import Mesh

KINDS = (
    proxies.KIND,
    listeners.KIND,
    filter_chains.KIND,
    routes.KIND,
    clusters.KIND,
    endpoints.KIND,
    secrets.KIND,
    ecds.KIND,
    bootstrap.KIND,
    services.KIND,
)
"""The kinds of proxies and of the whole mesh; those of manifests are `meshscope.istio.resources.RESOURCE_KINDS`."""


def words() -> list[str]:
    """Every word that names a kind, for completion and for what was nearly typed right."""
    return sorted({kind.name for kind in KINDS} | {entry.plural for entry in RESOURCE_KINDS})


def kind_named(word: str, mesh: Mesh | None = None) -> Kind:
    """The kind that a word means. A word that Envoy and Kubernetes share is Envoy's; `kind.group` is always clear.

    Raises UsageError for an unknown word, and for one that stays ambiguous after looking at what the mesh holds.
    """
    wanted = word.lower()
    for kind in KINDS:
        if wanted == kind.name or wanted in kind.words:
            return kind
    entries = kinds_named(wanted.replace(".core", "."))
    if not entries:
        raise UsageError(f"no kind {word!r}{nearest(wanted, words())}")
    if len(entries) > 1 and mesh is not None:
        entries = tuple(entry for entry in entries if any(mesh.objects_of(entry.kind, entry.group))) or entries
    if len(entries) > 1:
        raise UsageError(f"{word!r} is ambiguous: {', '.join(_unambiguous(entry) for entry in entries)}")
    return kind_for(entries[0])


def _unambiguous(entry: ResourceKind) -> str:
    return str(entry) if entry.group else f"{entry.plural}.core"
