"""The object that somebody asks about by its kind and name."""

from __future__ import annotations

from meshscope.effect.effects import KIND_NAMES
from meshscope.errors import UsageError
from meshscope.istio.manifest import Object
from meshscope.listing.absence import nothing_named
from meshscope.listing.kinds.objects import ObjectKind, objects
from meshscope.listing.registry import kind_named
from meshscope.listing.selection import Selection
from meshscope.mesh.mesh import Mesh


def object_asked(mesh: Mesh, what: str, name: str = "", namespace: str = "") -> Object:
    """`what` is `kind/name`, or the kind with the `name` apart; a name is `name` or `name.namespace`.

    Raises UsageError for what is no object of this input, and where it may be several.
    """
    word, slash, rest = what.partition("/")
    wanted = rest if slash else name
    if not wanted:
        raise UsageError(f"effect {word}: the name is missing, as in {word}/NAME")
    kind = kind_named(word, mesh)
    if not isinstance(kind, ObjectKind):
        raise UsageError(f"effect is of objects that people write ({', '.join(KIND_NAMES)}); {kind.name} are a proxy's")
    selection = Selection(name=wanted, namespace=namespace)
    found = tuple(objects(mesh, kind.entry, selection))
    if not found:
        raise UsageError(nothing_named(mesh, kind, selection))
    if len(found) > 1:
        names = ", ".join(f"{item.name}.{item.namespace or 'default'}" for item in found)
        raise UsageError(f"several objects are named {wanted}: {names}")
    return found[0]
