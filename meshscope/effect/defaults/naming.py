"""What one of Envoy's objects in a proxy is made of where no rule made it, in words."""

from __future__ import annotations

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.defaults.clusters import expected_clusters
from meshscope.effect.defaults.listeners import chain_of, default_listeners
from meshscope.effect.defaults.routes import default_routes
from meshscope.effect.made import resource_around
from meshscope.envoy.resource import CLUSTER, LISTENER, ROUTES, Resource
from meshscope.location import Location
from meshscope.mesh.virtual_hosts import virtual_host_names
from meshscope.path import Path
from meshscope.xds.listener import Listener


def default_of(configuration: Configuration, client: Client, place: Location) -> str:
    """The service's port, or istiod's own default; "" for what neither makes. `place` is that of a cluster, a listener or a
    filter chain of one, a virtual host or a route.
    """
    resource = resource_around(client, place)
    if resource is None:
        return ""
    rest = place.path[len(resource.location.path) :]
    if resource.kind == CLUSTER:
        found = (one.of for one in expected_clusters(configuration, client) if one.name == resource.name)
    elif resource.kind == LISTENER:
        return _of_listener(configuration, client, resource, rest)
    elif resource.kind == ROUTES and len(rest) > 1:
        table = client.tables.get(resource.name)
        names = [host.name for host in virtual_host_names(table)] if table else []
        host = names[int(rest[1])] if int(rest[1]) < len(names) else ""
        every = default_routes(configuration, client)
        found = (one.of for one in every if (one.table, one.virtual_host) == (resource.name, host))
    else:
        return ""
    return next(found, "")


def _of_listener(configuration: Configuration, client: Client, resource: Resource, rest: Path) -> str:
    one = next((one for one in default_listeners(configuration, client) if one.name == resource.name), None)
    listener = client.proxy.read(resource, Listener)
    if one is None or not rest or not isinstance(listener, Listener):
        return one.of if one else ""
    index = rest[1] if rest[0] == "filter_chains" and len(rest) > 1 else None
    chain = next((chain for number, chain in listener.chains() if number == index), None)
    return chain_of(configuration, client, one, chain) if chain else one.of
