"""What may follow `:effect`: the objects that have an effect."""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.effect.effects import kind_of
from meshscope.errors import UsageError
from meshscope.listing.registry import kind_named
from meshscope.mesh.mesh import Mesh


def objects_like(mesh: Mesh, beginning: str) -> Iterator[str]:
    """`virtualservice/`, and behind any word of a kind and the slash the names of its objects: `vs/reviews.default`."""
    word, slash, _ = beginning.partition("/")
    items = [item for item in mesh.objects if kind_of(item)]
    if not slash:
        yield from sorted({f"{item.kind.lower()}/" for item in items})
        return
    try:
        entry = getattr(kind_named(word, mesh), "entry", None)
    except UsageError:
        return
    if entry is not None:
        of_kind = (item for item in items if (item.kind, item.group) == (entry.kind, entry.group))
        yield from sorted(f"{word}/{item.name}.{item.namespace or 'default'}" for item in of_kind)
