"""The Istio object that a piece of configuration was made from, by the metadata that istiod adds."""

from __future__ import annotations

from meshscope.istio.provenance import ObjectRef, parse_config_path
from meshscope.xds.metadata import Metadata


def owner_of(metadata: Metadata) -> ObjectRef | None:
    return parse_config_path(metadata.text("istio", "config"))


def owner_name(owner: ObjectRef | None, kind: str) -> str:
    """`namespace/name` where the owner is of this kind, else ""."""
    return f"{owner.namespace}/{owner.name}" if owner and owner.kind == kind else ""


def owner_text(owner: ObjectRef | None) -> str | None:
    return str(owner) if owner else None
