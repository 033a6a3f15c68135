"""The domains of the virtual host that a sidecar has for a port of a service: its host, the short forms of it, its addresses.

https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/httproute.go (generateVirtualHostDomains)
"""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.http_routes.places import table_of
from meshscope.effect.services import KUBERNETES, MeshService, Port
from meshscope.istio.hosts import CLUSTER_DOMAIN


def domains_of(configuration: Configuration, client: Client, service: MeshService, port: Port) -> frozenset[str] | None:
    """None where they are not known: without a version, of aliases and what they stand for, and of headless Services before the
    versions that recordings show.
    """
    is_aliased = any(
        service.host in (one.alias_of, service.alias_of and one.host) for one in configuration.services.all
    )
    is_headless = service.registry == KUBERNETES and service.resolution == "Passthrough"
    if configuration.version is None or is_aliased or (is_headless and not configuration.is_since(1, 27)):
        return None
    if not table_of(service, port).isdigit() and configuration.is_since(1, 14):
        return frozenset(("*",))  # the listener is the service's alone
    names = list(_names(configuration, client, service))
    if is_headless and service.selector:
        names += [f"*.{name}" for name in names]
    names += [address for address in service.addresses if "/" not in address]
    with_port = () if configuration.is_since(1, 16) else tuple(f"{name}:{port.number}" for name in names)
    return frozenset((*names, *with_port))


def _aliased(configuration: Configuration) -> frozenset[str]:
    """Hosts that an ExternalName Service stands for."""
    return configuration.mesh.derived(
        "aliased hosts", lambda: frozenset(one.alias_of for one in configuration.services.all if one.alias_of)
    )


def _names(configuration: Configuration, client: Client, service: MeshService) -> Iterator[str]:
    yield service.host
    if configuration.is_since(1, 27):
        yield f"{service.host}."
    if service.registry != KUBERNETES or not service.host.endswith(f".svc.{CLUSTER_DOMAIN}"):
        return
    short = f"{service.name}.{service.namespace}"
    yield from (short, f"{short}.svc")
    if not configuration.is_since(1, 5):
        yield f"{short}.svc.{CLUSTER_DOMAIN.partition('.')[0]}"
    if service.namespace == client.namespace:
        yield service.name
