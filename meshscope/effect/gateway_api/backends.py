"""What a backendRef leads to, as the destination of a VirtualService.

https://gateway-api.sigs.k8s.io/reference/spec/#backendref, translated as istiod does it
(https://github.com/istio/istio/blob/master/pilot/pkg/config/kube/gateway/conversion.go, buildDestination).
"""

from __future__ import annotations

from msgspec import Struct

from meshscope.effect.gateway_api import external_backends
from meshscope.effect.gateway_api.grants import is_granted
from meshscope.effect.gateway_api.pools import PICKER, service_name, why_no_pools
from meshscope.effect.gateway_api.sources import BACKENDS, Sources
from meshscope.effect.istiod_flags import ALPHA
from meshscope.istio.gateway_api.references import EXPERIMENTAL, BackendObjectReference
from meshscope.istio.hosts import full_host
from meshscope.istio.objects.destination import Destination, PortSelector
from meshscope.istio.provenance import ObjectRef

_SERVICE, _IMPORT = ("Service", ""), ("ServiceImport", "multicluster.x-k8s.io")
_HOSTNAME = ("Hostname", "networking.istio.io")
_POOL, _OLD_POOL = ("InferencePool", "inference.networking.k8s.io"), ("InferencePool", "inference.networking.x-k8s.io")
_EXTERNAL = ("XBackend", EXPERIMENTAL)


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
    if (ref.kind, ref.group) == _POOL:
        return _pool(sources, ref, referrer, namespace)
    if (ref.kind, ref.group) == _EXTERNAL:
        return _external(sources, ref, namespace)
    host, problem = _host(sources, ref, namespace)
    if problem is not None:
        return problem
    if ref.port is None:
        return Backend(problem=f"the backendRef to {to} has no port", is_fatal=True)
    return Backend(Destination(host=host, port=PortSelector(number=ref.port)))


def _host(sources: Sources, ref: BackendObjectReference, namespace: str) -> tuple[str, Backend | None]:
    """Of the service that it leads to, or what it is instead."""
    kind = (ref.kind, ref.group)
    if kind == _HOSTNAME and ref.namespace:
        return "", Backend(problem=f"Hostname {ref.name} cannot have a namespace", is_fatal=True)
    if kind == _HOSTNAME:
        return ref.name, None
    if kind in (_SERVICE, _IMPORT) and "." in ref.name:
        because = f"{ref.name} is a host, and a backendRef needs the Service's name"
        return "", Backend(problem=because, is_fatal=True)
    if kind in (_SERVICE, _IMPORT):
        host = full_host(ref.name, namespace) if kind == _SERVICE else sources.host_of_import(ref.name, namespace)
        return host, None
    if kind == _OLD_POOL:
        return "", Backend(problem=f"backends of kind {ref.kind} in group {ref.group} are not modelled", is_known=False)
    return "", Backend(problem=f"istiod knows no backend of kind {ref.kind} in group {ref.group or '(core)'}")


def _external(sources: Sources, ref: BackendObjectReference, namespace: str) -> Backend:
    """The port is the XBackend's own, whether or not the reference has it, too."""
    if not sources.is_since(*BACKENDS):
        return Backend(problem="istiod knows no backend of kind XBackend before its version 1.32")
    if sources.is_off(ALPHA):
        return Backend(problem=f"istiod reads no XBackend: {ALPHA} is not true")
    found = sources.backend(namespace, ref.name)
    if found is None:
        return Backend(problem=f"{ref.kind} {namespace}/{ref.name} is not in this input", is_known=False)
    if because := external_backends.host_problem(found.value) or external_backends.tls_problem(found.value):
        return Backend(problem=f"{found.item}: {because}", is_known=False)
    port = found.value.spec.port.port
    if ref.port not in (None, port):
        return Backend(problem=f"the backendRef has port {ref.port}, and {found.item} has port {port}")
    return Backend(Destination(host=external_backends.hostname(found.value), port=PortSelector(number=port)))


def _pool(sources: Sources, ref: BackendObjectReference, referrer: Referrer, namespace: str) -> Backend:
    """Of the Service that istiod makes of the pool, whose only port no reference names."""
    if because := why_no_pools(sources):
        return Backend(problem=because)
    if "." in ref.name:
        return Backend(problem=f"{ref.name} is a host, and a backendRef needs the InferencePool's name", is_fatal=True)
    if referrer.kind != "HTTPRoute":
        return Backend(problem=f"an InferencePool behind a {referrer.kind} is not modelled", is_known=False)
    pool, service = sources.pool(namespace, ref.name), service_name(ref.name)
    because = ""
    if pool is None:
        because = f"{ref.kind} {namespace}/{ref.name} is not in this input"
    elif len(pool.value.spec.target_ports) != 1:
        because = f"{pool.item} has several targetPorts, which is not modelled"
    elif (item := sources.named("Service", "", namespace, service)) is None:
        because = f"the Service {namespace}/{service} that istiod makes of {pool.item} is not in this input"
    elif not item.labels.has(PICKER):
        because = f"{item} has no label {PICKER}, so that istiod has not made it of {pool.item}"
    if because:
        return Backend(problem=because, is_known=False)
    return Backend(Destination(host=full_host(service, namespace)))
