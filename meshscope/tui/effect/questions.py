"""What the browser asks about effects: of one object, or of all of them. For workers."""

from __future__ import annotations

from meshscope.effect.answer import WORST_FIRST, ObjectEffect
from meshscope.effect.configuration import Configuration
from meshscope.effect.effects import KINDS, effects, kind_of
from meshscope.effect.overview import worst_first
from meshscope.istio.kinds.resources import kinds_named
from meshscope.istio.manifest import Object
from meshscope.listing.rows import Rows
from meshscope.mesh.bodies import collector_paused
from meshscope.mesh.mesh import Mesh
from meshscope.render.effect_columns import EffectLine, lines
from meshscope.tui.effect.effect_rows import line_rows, object_rows
from meshscope.work import UNFOLLOWED, Work


def configuration_of(mesh: Mesh) -> Configuration:
    """The same for each question about a mesh."""
    return mesh.derived("configuration", lambda: Configuration(mesh))


def full_name(item: Object) -> str:
    """`VirtualService default/reviews`: as in kubectl, an object without a namespace is in `default`."""
    return f"{item.kind} {item.namespace or 'default'}/{item.name}"


def item_of(mesh: Mesh, name: str) -> Object | None:
    """The object of a full name, first one that has an effect; None where this input has none."""
    found = [item for item in mesh.objects_of(name.partition(" ")[0]) if full_name(item) == name]
    return next((item for item in found if kind_of(item)), found[0] if found else None)


def name_of(effect: ObjectEffect) -> str:
    """The full name of the object of an answer."""
    kind, _, rest = effect.object.partition(" ")
    return effect.object if "/" in rest else f"{kind} default/{rest}"


def word_for_shell(name: str) -> str:
    """`virtualservice/reviews.default` for the full name of an object, with the group where others have kinds of that name."""
    kind, _, rest = name.partition(" ")
    namespace, _, own = rest.rpartition("/")
    entries = [entry for entry in kinds_named(kind.lower()) if kind not in KINDS or entry.group == KINDS[kind].group]
    is_short = len(kinds_named(kind.lower())) == 1 or not entries
    return f"{kind.lower() if is_short else entries[0]}/{own}.{namespace}"


def rows_of_object(mesh: Mesh, name: str, work: Work = UNFOLLOWED) -> Rows[EffectLine] | None:
    """The worst answers first, those in the same state in the order of the rules. None where the object is gone.

    Raises CancelledError.
    """
    item = item_of(mesh, name)
    if item is None:
        return None
    with collector_paused():
        configuration = configuration_of(mesh)
        found = lines(effects(configuration, item, configuration.clients, work=work))
    return line_rows(sorted(found, key=lambda line: WORST_FIRST.index(line.effect.state)))


def rows_of_all(mesh: Mesh, namespace: str = "", work: Work = UNFOLLOWED) -> Rows[ObjectEffect]:
    """The objects of a namespace, "" for all, the worst first. Raises CancelledError."""
    with collector_paused():
        configuration = configuration_of(mesh)
        return object_rows(worst_first(configuration, configuration.clients, namespace, work))
