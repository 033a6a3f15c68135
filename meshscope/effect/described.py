"""What describing an object adds of effects: what each rule of an Istio object made, and which rules made one of Envoy's."""

from __future__ import annotations

from msgspec import Struct

from meshscope.effect.answer import RuleEffect
from meshscope.effect.attribution import made_by
from meshscope.effect.configuration import Configuration
from meshscope.effect.effects import effects, kind_of
from meshscope.listing.describe import Description
from meshscope.mesh.mesh import Mesh
from meshscope.work import UNFOLLOWED, Work


class Attribution(Struct, frozen=True):
    """`rules` are those of an Istio object, with what they made in each proxy. `made_by` are the rules of all objects that made
    something of one of Envoy's.
    """

    rules: tuple[RuleEffect, ...] = ()
    made_by: tuple[RuleEffect, ...] = ()


NONE = Attribution()


def attribution(mesh: Mesh, thing: Description, work: Work = UNFOLLOWED) -> Attribution:
    """Nothing for an object that has no effect. Raises CancelledError."""
    if thing.location is None:
        return NONE
    if thing.proxy is not None:
        return Attribution(made_by=made_by(_configuration(mesh), thing.proxy, thing.location, work))
    item = next((one for one in mesh.objects if one.location == thing.location), None)
    if item is None or kind_of(item) is None:
        return NONE
    configuration = _configuration(mesh)
    return Attribution(rules=effects(configuration, item, configuration.clients, work=work))


def _configuration(mesh: Mesh) -> Configuration:
    return mesh.derived("configuration", lambda: Configuration(mesh))
