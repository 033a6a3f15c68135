"""What describing an object adds of effects: what each rule of an Istio object made, and which rules made one of Envoy's."""

from __future__ import annotations

from msgspec import Struct

from meshscope.effect.answer import RuleEffect
from meshscope.effect.attribution import made_by
from meshscope.effect.configuration import Configuration
from meshscope.effect.defaults.naming import default_of
from meshscope.effect.effects import effects, kind_of
from meshscope.effect.made import ROUTE
from meshscope.listing.describe import Description
from meshscope.location import Location
from meshscope.mesh.mesh import Mesh
from meshscope.work import UNFOLLOWED, Work


class Attribution(Struct, frozen=True):
    """`rules` are those of an Istio object, with what they made in each proxy. `made_by` are the rules of all objects that made
    something of one of Envoy's, `made_of` is what istiod makes it of without any rule: a service's port, or a default; "" where
    that is not known.
    """

    rules: tuple[RuleEffect, ...] = ()
    made_by: tuple[RuleEffect, ...] = ()
    made_of: str = ""


NONE = Attribution()


def attribution(mesh: Mesh, thing: Description, work: Work = UNFOLLOWED) -> Attribution:
    """Nothing for an object that has no effect. Raises CancelledError."""
    if thing.location is None:
        return NONE
    if thing.proxy is not None:
        return _of_envoys(_configuration(mesh), thing.proxy, thing.location, work)
    item = next((one for one in mesh.objects if one.location == thing.location), None)
    if item is None or kind_of(item) is None:
        return NONE
    configuration = _configuration(mesh)
    return Attribution(rules=effects(configuration, item, configuration.clients, work=work))


def _of_envoys(configuration: Configuration, proxy: str, place: Location, work: Work) -> Attribution:
    """A route that a rule made stands in the place of the default one; clusters and listeners are a service's all the same."""
    makers = made_by(configuration, proxy, place, work)
    client = next((one for one in configuration.clients if one.name == proxy), None)
    is_instead = any(made.kind == ROUTE for one in makers for made in one.makes)
    made_of = default_of(configuration, client, place) if client and not is_instead else ""
    return Attribution(made_by=makers, made_of=made_of)


def _configuration(mesh: Mesh) -> Configuration:
    return mesh.derived("configuration", lambda: Configuration(mesh))
