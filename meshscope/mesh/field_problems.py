"""Fields of the mesh's own objects that the API server would drop or reject."""

from __future__ import annotations

from msgspec import Struct

from meshscope.istio.manifest import Object
from meshscope.location import Location
from meshscope.mesh.mesh import Mesh
from meshscope.path import path_text


class WrongField(Struct, frozen=True):
    """`near` is the known word that an unknown one is nearest to, "" if none is near. `location` is of the value, or of the
    object that lacks a field. `known_from` says whence the fields of the kind are known: a release may have others.
    """

    path: str
    why: str
    near: str
    location: Location
    known_from: str

    def __str__(self) -> str:
        place = self.location.place()
        return f"{self.path}: {self.why} ({place.document}{f':{place.line}' if place.line else ''})"


def wrong_fields(mesh: Mesh, item: Object) -> tuple[WrongField, ...]:
    """In the order of the text; a CustomResourceDefinition of the mesh is closer to the truth than this program's facts."""
    from meshscope.istio.fields.checking import field_problems  # only for objects that are shown
    from meshscope.istio.fields.facts import DEFINITIONS, Facts

    facts = mesh.derived("field facts", lambda: Facts(mesh.objects_of(*DEFINITIONS)))
    known = facts.shape_of(item)
    if known is None:
        return ()
    return tuple(
        WrongField(path_text(one.path), one.why, one.near or "", item.location.below(one.path), known.about)
        for one in field_problems(item, facts)
    )
