"""What a backendRef leads to, as the destination of a VirtualService.

https://gateway-api.sigs.k8s.io/reference/spec/#backendref, translated as istiod does it
(https://github.com/istio/istio/blob/master/pilot/pkg/config/kube/gateway/conversion.go, buildDestination).
"""

from __future__ import annotations

from msgspec import Struct

from meshscope.effect.gateway_api.grants import is_granted
from meshscope.effect.gateway_api.sources import EXPERIMENTAL, Sources
from meshscope.istio.gateway_api.references import BackendObjectReference
from meshscope.istio.hosts import full_host
from meshscope.istio.objects.destination import Destination, PortSelector
from meshscope.istio.provenance import ObjectRef

_SERVICES = {("Service", ""), ("ServiceImport", "multicluster.x-k8s.io")}
_HOSTNAME = ("Hostname", "networking.istio.io")
_UNMODELLED = {
    ("InferencePool", "inference.networking.k8s.io"),
    ("InferencePool", "inference.networking.x-k8s.io"),
    ("XBackend", EXPERIMENTAL),
}


class Referrer(Struct, frozen=True):
    """The route that has the reference. `asks_grants`: routes of the mesh may lead to any namespace."""

    kind: str
    namespace: str
    asks_grants: bool = True


class Backend(Struct, frozen=True):
    """`problem` is why requests to it get 500, which a destination without a host stands for; one that `is_fatal` leaves the
    whole route without configuration. `is_known` is False for what is not modelled. `is_open`: a ReferenceGrant would allow it.
    """

    destination: Destination = Destination()
    problem: str = ""
    is_fatal: bool = False
    is_known: bool = True
    is_open: bool = False


def backend(sources: Sources, ref: BackendObjectReference, referrer: Referrer) -> Backend:
    namespace = ref.namespace or referrer.namespace
    to = ObjectRef(ref.group, ref.kind, namespace, ref.name)
    if referrer.asks_grants and not is_granted(sources, referrer.kind, referrer.namespace, to):
        because = f"no ReferenceGrant lets {referrer.kind}s of {referrer.namespace} lead to {to}"
        return Backend(problem=because, is_open=True)
    host, problem = _host(ref, namespace)
    if problem is not None:
        return problem
    if ref.port is None:
        return Backend(problem=f"the backendRef to {to} has no port", is_fatal=True)
    return Backend(Destination(host=host, port=PortSelector(number=ref.port)))


def _host(ref: BackendObjectReference, namespace: str) -> tuple[str, Backend | None]:
    """Of the service that it leads to, or what it is instead."""
    kind = (ref.kind, ref.group)
    if kind == _HOSTNAME and ref.namespace:
        return "", Backend(problem=f"Hostname {ref.name} cannot have a namespace", is_fatal=True)
    if kind == _HOSTNAME:
        return ref.name, None
    if kind in _SERVICES and "." in ref.name:
        because = f"{ref.name} is a host, and a backendRef needs the Service's name"
        return "", Backend(problem=because, is_fatal=True)
    if kind in _SERVICES:
        return full_host(ref.name, namespace), None
    if kind in _UNMODELLED:
        return "", Backend(problem=f"backends of kind {ref.kind} are not modelled", is_known=False)
    return "", Backend(problem=f"istiod knows no backend of kind {ref.kind} in group {ref.group or '(core)'}")
