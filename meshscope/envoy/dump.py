"""A configuration document in any dialect, as an index of resources.

Envoy's own dump takes one scan (`section_reader`). What that decoder refuses, and every other form, is read piece by piece
(`fallback_reader`), so that a broken entry costs no other one. Bodies stay slices in the document's spelling and are rewritten
one at a time, when they are read.
"""

from __future__ import annotations

from msgspec import Raw, Struct

from meshscope.envoy.resource import BOOTSTRAP, ENDPOINTS, Origin, Resource, of_kind
from meshscope.location import Document
from meshscope.snapshot.snapshot import Problem
from meshscope.xds.bootstrap import Bootstrap
from meshscope.xds.message import Message, Undecodable, decode, present
from meshscope.xds.node import Node


class _WithNode(Message, frozen=True):
    node: Raw = Raw()


class Dump(Struct, frozen=True, eq=False, kw_only=True):
    """`dump_builder` makes one.

    `evidence` holds the kinds that the document covers: an empty section is evidence that there is nothing of the kind, an
    absent section is no evidence. `open_kinds` are kinds of which more may exist: a bootstrap leaves them to discovery. A
    partial document (`?resource=`) holds some resources of a kind, and several such documents add up. `has_empty_bootstrap`
    marks a dump whose control plane left the bootstrap out. `node_beside` is the node where no bootstrap has it.
    """

    origin: Origin
    resources: tuple[Resource, ...]
    evidence: frozenset[str]
    problems: tuple[Problem, ...]
    has_sections: bool
    is_partial: bool
    open_kinds: frozenset[str]
    has_empty_bootstrap: bool
    node_beside: Raw = Raw()

    @property
    def document(self) -> Document:
        return self.origin.document

    def of_kind(self, kind: str) -> tuple[Resource, ...]:
        return of_kind(self.resources, kind)

    @property
    def bootstrap(self) -> Bootstrap | Undecodable | None:
        bootstraps = self.of_kind(BOOTSTRAP)
        return bootstraps[0].read(Bootstrap) if bootstraps else None

    @property
    def node(self) -> Node | None:
        """The proxy that the document describes; None where no bootstrap names one. Each call decodes again."""
        holders = (decode(resource.raw, _WithNode) for resource in self.of_kind(BOOTSTRAP))
        nodes = (holder.node for holder in holders if isinstance(holder, _WithNode) and present(holder.node))
        raw = next(nodes, self.node_beside)
        if not present(raw):
            return None
        node = decode(self.origin.canonical(raw, "node") if self.origin.rewritten else raw, Node)
        return node if isinstance(node, Node) and node.id else None

    @property
    def is_bare_endpoints(self) -> bool:
        """A list of assignments without a section around it."""
        return self.evidence == {ENDPOINTS} and not self.has_sections

    @property
    def is_control_planes_view(self) -> bool:
        """istiod answers in camelCase and with an empty bootstrap; an Envoy does neither."""
        return self.origin.rewritten and self.has_empty_bootstrap
