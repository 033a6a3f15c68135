"""InferencePool: the Service that istiod makes of it for the HTTPRoutes that lead to it.

https://istio.io/latest/docs/tasks/traffic-management/ingress/gateway-api-inference-extension/
"""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.effect.answer import Difference, State
from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.gateway_api.parents import Parent, parents
from meshscope.effect.gateway_api.pools import service_name, why_no_pools
from meshscope.effect.gateway_api_flags import why_unread
from meshscope.effect.outcome import Outcome
from meshscope.effect.written import Written
from meshscope.istio.gateway_api.grpc_route import GRPCRoute
from meshscope.istio.gateway_api.http_route import HTTPRoute
from meshscope.istio.gateway_api.inference_pool import GROUP, InferencePool
from meshscope.istio.kubernetes import decode
from meshscope.istio.kubernetes.service import Service
from meshscope.path import Path

WHOLE: Path = ("spec",)
Pool = Written[InferencePool]


def rules(value: InferencePool) -> Iterator[Path]:  # noqa: ARG001  # every kind's question
    yield WHOLE


def statics(configuration: Configuration, one: Pool) -> Iterator[Outcome]:
    """All of it: which pod of the pool a request goes to is the endpoint picker's choice."""
    sources = configuration.gateway_api.sources
    name = service_name(one.item.name)
    if because := why_unread(configuration, one.item.kind) or why_no_pools(sources):
        yield Outcome(WHOLE, State.NOT_IN_EFFECT, because, is_meant=False)
        return
    item = sources.named("Service", "", one.namespace, name)
    service = decode(item, Service) if item else None
    if isinstance(service, Service):
        yield _held_against(one, name, service)
    elif any(_leads_to(configuration, one, route) for route in sources.http_routes):
        because = f"the Service {one.namespace}/{name} that istiod makes of it is not in this input"
        yield Outcome(WHOLE, State.UNKNOWN, because)
    else:
        because = "no HTTPRoute that a Gateway takes leads to it, so that istiod makes no Service of it"
        yield Outcome(WHOLE, State.NOT_IN_EFFECT, because, is_meant=False)


def outcomes(configuration: Configuration, one: Pool, client: Client) -> Iterator[Outcome]:  # noqa: ARG001  # as above
    """Proxies have of it what routes and rules for its Service say."""
    return iter(())


def _held_against(one: Pool, name: str, service: Service) -> Outcome:
    spec = one.value.spec
    asked = {
        "selector": ", ".join(f"{key}={value}" for key, value in sorted(spec.selector.match_labels)),
        "targetPorts": ", ".join(str(port.number) for port in spec.target_ports),
    }
    held = {
        "selector": ", ".join(f"{key}={value}" for key, value in sorted(service.spec.selector)),
        "targetPorts": ", ".join(str(port.target_port) for port in service.spec.ports),
    }
    found = tuple(Difference(field, asked[field], held[field]) for field in asked if asked[field] != held[field])
    because = "; ".join(map(str, found)) or f"Service {one.namespace}/{name} has its pods and ports"
    return Outcome(WHOLE, State.PARTLY if found else State.IN_EFFECT, because, differences=found)


def _leads_to(configuration: Configuration, one: Pool, route: Written[HTTPRoute | GRPCRoute]) -> bool:
    if not isinstance(route.value, HTTPRoute):
        return False
    wanted = (GROUP, one.item.kind, one.namespace, one.item.name)
    refs = (ref for rule in route.value.spec.rules for ref in rule.backend_refs)
    if not any((ref.group, ref.kind, ref.namespace or route.namespace, ref.name) == wanted for ref in refs):
        return False
    api = configuration.gateway_api
    found = parents(api.sources, api.by_owner, Written(route.item, route.value))
    return any(isinstance(each, Parent) and each.listener is not None for each in found)
