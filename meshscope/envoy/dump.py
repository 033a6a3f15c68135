"""A configuration document as an index of resources, in whatever dialect it came.

Envoy's own dump takes one scan (`sections`); what that decoder refuses, and every other form, is read piece by piece
(`forms`), so that one broken entry costs itself alone. Bodies stay slices in the document's spelling; `canonical` rewrites
one when it is asked for.
"""

from __future__ import annotations

from functools import cached_property

from msgspec import Raw

from meshscope.envoy import dialect
from meshscope.envoy.resource import BOOTSTRAP, ENDPOINTS, Resource, of_kind
from meshscope.location import Document
from meshscope.snapshot.snapshot import Problem
from meshscope.xds.bootstrap import Bootstrap
from meshscope.xds.message import Message, Undecodable, decode, present
from meshscope.xds.node import Node


class _WithNode(Message, frozen=True):
    node: Raw = Raw()


class Dump:
    """An immutable index once `envoy.forms.read_dump` has filled it.

    `evidence` holds the kinds about which the document speaks: an empty section is evidence of nothing there, an absent one
    is no evidence. Of `open_kinds` there may be more than it lists: a bootstrap leaves them to discovery. A partial document
    holds some resources of a kind (`?resource=`), and several of them add up. `rewritten` is false for Envoy's own spelling,
    whose slices are canonical as they stand. `has_empty_bootstrap` marks a dump in which a control plane left it out.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.resources: tuple[Resource, ...] = ()
        self.evidence: frozenset[str] = frozenset()
        self.problems: tuple[Problem, ...] = ()
        self.rewritten = True
        self.api_v2 = False
        self.has_sections = False
        self.is_partial = False
        self.open_kinds: frozenset[str] = frozenset()
        self.has_empty_bootstrap = False

    def of_kind(self, kind: str) -> tuple[Resource, ...]:
        return of_kind(self.resources, kind)

    def canonical(self, raw: Raw, kind: str) -> Raw | bytes:
        api_v2 = self.api_v2 or (kind != BOOTSTRAP and dialect.is_old(raw))
        return dialect.canonical(raw, kind, api_v2=api_v2) if self.rewritten or api_v2 else raw

    @property
    def bootstrap(self) -> Bootstrap | Undecodable | None:
        found = self.of_kind(BOOTSTRAP)
        return decode(found[0].canonical(), Bootstrap) if found else None

    @cached_property
    def node(self) -> Node | None:
        """Who the document says it describes."""
        for resource in self.of_kind(BOOTSTRAP):
            holder = decode(resource.raw, _WithNode)
            if isinstance(holder, _WithNode) and present(holder.node):
                node = decode(self.canonical(holder.node, "node") if self.rewritten else holder.node, Node)
                return node if isinstance(node, Node) and node.id else None
        return None

    @property
    def is_bare_endpoints(self) -> bool:
        """A list of assignments without a section around it."""
        return self.evidence == {ENDPOINTS} and not self.has_sections

    @property
    def is_control_planes_view(self) -> bool:
        """istiod answers in camelCase and with an empty bootstrap; an Envoy does neither."""
        return self.rewritten and self.has_empty_bootstrap
