"""Applied objects that would change nothing: the step that each rule loses at, as `effect` tells it of one that is there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from meshscope.effect.answer import State
from meshscope.effect.configuration import Configuration
from meshscope.effect.effects import effects
from meshscope.mesh.mesh import Mesh
from meshscope.overlay.applied import Applied, named
from meshscope.overlay.change import NotRebuilt, Reach


def idle(mesh: Mesh, applied: Iterable[Applied], told: frozenset[str]) -> Iterator[NotRebuilt]:
    """`mesh` is the one with the objects; `told` names those that something is said of already. One line for each reason."""
    configuration: Configuration | None = None
    for one in applied:
        if one.after is None or str(named(one.after)) in told:
            continue
        configuration = configuration or Configuration(mesh)
        lost: dict[str, list[str]] = {}
        for each in effects(configuration, one.after, configuration.clients, is_applied=True):
            if each.state is State.NOT_IN_EFFECT and each.rule not in (rules := lost.setdefault(each.because, [])):
                rules.append(each.rule)
        for because, rules in lost.items():
            where = f"{rules[0]}: " if len(rules) == 1 and rules[0] else ""
            yield NotRebuilt(
                object=str(named(one.after)),
                because=f"{where}{because}",
                decides=Reach.NOWHERE,
                location=one.after.location,
            )
