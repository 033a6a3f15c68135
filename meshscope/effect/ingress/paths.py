"""Paths of an Ingress as rules of a VirtualService, and their order.

https://kubernetes.io/docs/concepts/services-networking/ingress/#path-types, translated as istiod does it
(https://github.com/istio/istio/blob/master/pilot/pkg/config/kube/ingress/virtualservices.go, convertIngressRule).
"""

from __future__ import annotations

from collections.abc import Callable

from meshscope.istio.hosts import full_host
from meshscope.istio.kubernetes.ingress import HTTPIngressPath, IngressBackend
from meshscope.istio.objects.destination import Destination, PortSelector
from meshscope.istio.objects.http_route import HTTPMatchRequest, HTTPRoute, HTTPRouteDestination, StringMatch

PortOf = Callable[[str, str], int]
"""The number of a Service's port by the Service's host and the port's name; 0 for one that does not exist."""
_EVERY_PATH = ("", "*", "/*", ".*")
_WHOLE = 100


def path_rule(path: HTTPIngressPath, namespace: str, port_of: PortOf) -> HTTPRoute | str:
    """The rule, or why istiod makes none."""
    to = _destination(path.backend, namespace, port_of)
    if isinstance(to, str):
        return to
    uri = path_match(path)
    return HTTPRoute(
        match=(HTTPMatchRequest(uri=uri),) if uri else (),
        route=(HTTPRouteDestination(destination=to, weight=_WHOLE),),
    )


def path_match(path: HTTPIngressPath) -> StringMatch | None:
    """None is every path. Without a type of its own a path is exact, unless a star at its end opens it."""
    if path.path_type == "Exact":
        return StringMatch(exact=path.path)
    if path.path_type == "Prefix":
        return StringMatch(prefix=path.path)
    if path.path in _EVERY_PATH:
        return None
    for end in (".*", "/*"):
        if path.path.endswith(end):
            return StringMatch(prefix=path.path.removesuffix(end))
    return StringMatch(exact=path.path)


def precedence(rule: HTTPRoute) -> tuple[int, bool]:
    """Sorts the longest path first, of the same length an exact one; every path stands last."""
    uri = rule.match[0].uri if rule.match else None
    if uri is None:
        return 0, True
    return (-len(uri.exact), False) if uri.exact is not None else (-len(uri.prefix or ""), True)


def _destination(backend: IngressBackend, namespace: str, port_of: PortOf) -> Destination | str:
    service = backend.service
    if service is None:
        kind = backend.resource.kind if backend.resource else "nothing"
        return f"its backend is {kind}, and istiod takes Services alone"
    host = full_host(service.name, namespace)
    number = service.port.number or port_of(host, service.port.name)
    if not number:
        return f"Service {namespace}/{service.name} has no port {service.port.name or '(none)'}"
    return Destination(host=host, port=PortSelector(number=number))
