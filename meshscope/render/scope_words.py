"""The lines of a scope for people, on every face: without what neighbours share, with a glyph for what they are in."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from meshscope.listing.glyphs import ERROR, MISSING, WELL
from meshscope.listing.scope import COLUMNS, Positions
from meshscope.listing.scope_lines import Line, ScopeLines
from meshscope.mesh.graph import Node
from meshscope.render.abbreviating import abbreviated
from meshscope.render.text import CUT, safe


class ShownLine(Struct, frozen=True):
    """A line without what its neighbours share. `glyph` is "" where nothing is wrong and nothing is known to be well."""

    label: str
    facts: tuple[str, ...]
    trouble: str
    glyph: str
    depth: int


def shown_node(lines: ScopeLines, node: Node, *, routes: Positions | None = None, whose: bool = False) -> ShownLine:
    """A node's line. `routes`: those whose weights a cluster shows, None of another node; `whose` adds a chain's listener."""
    found = lines.line(node)
    weights = () if routes is None else lines.routes.weights(node, routes)
    listener = (str(node.key[0]),) if whose else ()
    facts = (*listener, *found.facts[:1], *weights, *found.facts[1:])
    return ShownLine(short(lines, found.label), tuple(short(lines, fact) for fact in facts), *_signs(found))


def is_of_several_listeners(chains: Sequence[Node]) -> bool:
    """Of chains in the order of their listeners."""
    return bool(chains) and chains[0].key[0] != chains[-1].key[0]


def _signs(line: Line) -> tuple[str, str, int]:
    glyph = MISSING if not line.exists else ERROR if line.trouble else WELL if line.is_well else ""
    return safe(line.trouble), glyph, line.depth


def short(lines: ScopeLines, text: str) -> str:
    """Without the domain of the mesh and the proxy's own namespace: `reviews.default.svc.cluster.local` is `reviews…`."""
    namespace = lines.proxy.id.namespace
    if namespace:
        text = re.sub(rf"\.{re.escape(namespace)}\.svc\.[\w.-]+", CUT, text).removesuffix(f".{namespace}")
    return safe(abbreviated(text, 1))


def short_name(lines: ScopeLines, node: Node) -> str:
    """A node in one or two words."""
    line = lines.line(node)
    facts = line.facts[:1] if node.kind == "cluster" and len(line.facts) > 1 else ()
    whose = f"{safe(str(node.key[0]))} " if node.kind == "filterchain" else ""
    return whose + " ".join((short(lines, line.label), *(short(lines, fact) for fact in facts)))


def whole_name(lines: ScopeLines, node: Node) -> str:
    """A node by its whole name, and what is wrong with it."""
    line = lines.line(node)
    name = " / ".join(str(part) or "(no name)" for part in node.key)
    facts = line.facts if node.kind != "cluster" or line.label == node.key[0] else ()  # its name has them
    return " · ".join((safe(f"{node.kind.replace('_', ' ')} {name}"), *map(safe, filter(None, (line.trouble, *facts)))))


def count_words(count: int, column: int) -> str:
    """`1,024 routes`."""
    return f"{count:,} {COLUMNS[column]}{'' if count == 1 else 's'}"
