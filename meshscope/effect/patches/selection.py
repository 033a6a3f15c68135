"""Which EnvoyFilters apply to a proxy, and which of them may have changed a resource of it.

https://istio.io/latest/docs/reference/config/networking/envoy-filter/
"""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.written import Written
from meshscope.envoy.resource import CLUSTER, LISTENER, ROUTES
from meshscope.istio.labels import Labels
from meshscope.istio.objects.envoy_filter import EnvoyFilter

_GATEWAY = "gateway.networking.k8s.io/gateway-name"
_IN = {
    CLUSTER: ("CLUSTER",),
    ROUTES: ("ROUTE_CONFIGURATION", "VIRTUAL_HOST", "HTTP_ROUTE"),
    LISTENER: ("LISTENER", "LISTENER_FILTER", "FILTER_CHAIN", "NETWORK_FILTER", "HTTP_FILTER"),
}


def why_not_selected(configuration: Configuration, one: Written[EnvoyFilter], client: Client) -> str:
    """ "" where the EnvoyFilter applies to the proxy."""
    if one.namespace not in (client.namespace, configuration.settings.root_namespace):
        return f"it is for proxies of namespace {one.namespace}"
    if one.value.spec.target_refs and configuration.is_since(1, 27):
        gateway = dict(client.labels).get(_GATEWAY, "")
        named = {ref.name for ref in one.value.spec.target_refs if ref.kind == "Gateway"}
        return "" if gateway and gateway in named else "its targetRefs do not name the proxy's Gateway"
    selector = one.value.spec.workload_selector
    labels = selector.labels if selector else Labels()
    if not client.labels.match(labels):
        return f"its workloadSelector asks for {', '.join(f'{key}={value}' for key, value in labels)}"
    return ""


def patching(configuration: Configuration, client: Client, kind: str) -> Iterator[str]:
    """EnvoyFilters that apply to the proxy and patch resources of a kind."""
    for one in configuration.envoy_filters:
        is_of_kind = any(patch.apply_to in _IN.get(kind, ()) for patch in one.value.spec.config_patches)
        if is_of_kind and not why_not_selected(configuration, one, client):
            yield str(one)
