"""Whether a Gateway is for a proxy: by labels, or for one that istiod made itself by the Service in front of the pods.

https://istio.io/latest/docs/reference/config/networking/gateway/#Gateway and
https://github.com/istio/istio/blob/master/pilot/pkg/model/push_context.go (mergeGateways)
"""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.generated import GATEWAY_SERVICE
from meshscope.effect.written import Written
from meshscope.istio.objects.gateway import Gateway
from meshscope.istio.waypoint import GATEWAY_NAME
from meshscope.mesh.network.facts import ServiceHost


def why_not_selected(configuration: Configuration, client: Client, gateway: Written[Gateway]) -> str:
    """ "" where the Gateway is for the proxy, which is a gateway."""
    hosts = service_hosts(gateway)
    if hosts:
        is_selected = any(_is_behind(configuration, client, host, gateway.namespace) for host in hosts)
        return (
            "" if is_selected else f"it is for the pods of Service {', '.join(hosts)} of namespace {gateway.namespace}"
        )
    if not client.labels.match(gateway.value.spec.selector):
        wanted = ", ".join(f"{key}={value}" for key, value in gateway.value.spec.selector)
        return f"its selector asks for {wanted}, which the proxy does not have"
    owner = client.labels.get(GATEWAY_NAME)
    is_strict = configuration.version is not None and configuration.is_since(1, 31)
    if owner and gateway.namespace != client.namespace and is_strict:
        return f"istiod merges no Gateway of another namespace into Gateway {client.namespace}/{owner}, which it runs"
    return ""


def service_hosts(gateway: Written[Gateway]) -> tuple[str, ...]:
    """Of the Services whose pods the Gateway is for; none for one that selects by labels."""
    return tuple(filter(None, gateway.item.annotations.get(GATEWAY_SERVICE).split(",")))


def services_in_front(configuration: Configuration, client: Client, gateway: Written[Gateway]) -> Iterator[ServiceHost]:
    """Those of the proxy's pod that lead to the Gateway's ports."""
    named = service_hosts(gateway)
    return (one for one in configuration.services_in_front(client) if not named or one.host in named)


def _is_behind(configuration: Configuration, client: Client, host: str, namespace: str) -> bool:
    """By the Service's selector or endpoints, for one in the Gateway's `namespace`; where the input does not have it, by the
    label that istiod gives the pods it makes.
    """
    known = configuration.mesh.network.service_named(host)
    if known is not None and (known.selector or known.fixed is not None):
        return known.namespace == namespace and known in configuration.services_in_front(client)
    name, _, rest = host.partition(".")
    owner = client.labels.get(GATEWAY_NAME)
    is_of_namespace = rest.partition(".")[0] == namespace == client.namespace
    return is_of_namespace and bool(owner) and (name == owner or name.startswith(f"{owner}-"))
