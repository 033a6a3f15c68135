"""The object of a proxy that a patched part belongs to."""

from __future__ import annotations

from meshscope.effect.answer import Made
from meshscope.effect.clients import Client
from meshscope.effect.made import FILTER_CHAIN, chain_name
from meshscope.effect.patches.parts import Json, Parts
from meshscope.envoy.resource import CLUSTER, LISTENER, ROUTES
from meshscope.xds.listener import chain_path

_KINDS = {"CLUSTER": CLUSTER, "ROUTE_CONFIGURATION": ROUTES, "VIRTUAL_HOST": ROUTES, "HTTP_ROUTE": ROUTES}


def holder(client: Client, apply_to: str, parts: Parts, member: Json) -> Made | None:
    """The cluster, route configuration or listener, of a listener's filter the chain; None where it is nameless."""
    kind = _KINDS.get(apply_to, LISTENER)
    around = (*parts.within, member)
    name = around[0].get("name", "")
    resource = client.proxy.resource(kind, name) if name else None
    if resource is None:
        return None
    if kind == LISTENER and len(around) > 1:
        for index, chain in enumerate(around[0].get("filter_chains", ())):
            if chain is around[1]:
                return Made(FILTER_CHAIN, chain_name(name, index), resource.location.below(chain_path(index)))
        if around[1] is around[0].get("default_filter_chain"):
            return Made(FILTER_CHAIN, chain_name(name, None), resource.location.below(chain_path(None)))
    return Made(kind, name, resource.location)
