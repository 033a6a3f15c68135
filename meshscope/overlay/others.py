"""Objects whose effect on a proxy is not rebuilt: which proxies they are for, and about which requests they decide."""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.effect.configuration import Configuration
from meshscope.istio.manifest import Object
from meshscope.overlay.applied import Applied, named
from meshscope.overlay.change import NotRebuilt, Reach
from meshscope.overlay.gateways.certificates import asks_for

_ISTIO = ("networking.istio.io", "security.istio.io", "telemetry.istio.io", "extensions.istio.io")
_GATEWAY_API = (
    "gateway.networking.k8s.io",
    "gateway.networking.x-k8s.io",
    "inference.networking.k8s.io",
    "multicluster.x-k8s.io",
)
_CORE = ("Pod", "Endpoints", "EndpointSlice", "Namespace", "Node")
"""Kinds of Kubernetes that istiod reads. A workload controller's pods have names and addresses that are not known before."""
_CONTROLLERS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "ServiceAccount")
_UNDECIDING = {
    "Telemetry": "what is counted and logged",
    "ProxyConfig": "what a proxy is started with",
    "WorkloadGroup": "what it says of workloads that are still to come",
}
"""Kinds that decide about no request."""
_TLS_SECRET = b"kubernetes.io/tls"


def not_rebuilt(after: Configuration, one: Applied) -> Iterator[NotRebuilt]:
    """Of an object of a kind that nothing is rebuilt of; nothing where istiod does not read the kind."""
    item, kind = one.item, one.item.kind
    what = "new" if one.before is None else "gone" if one.after is None else "different"
    if kind in _UNDECIDING and item.group in _ISTIO:
        yield _about(one, f"{_UNDECIDING[kind]} is not rebuilt ({what})", None, Reach.NOTHING)
    elif kind in _CONTROLLERS:
        yield _about(one, f"pods and their addresses are not known before they run ({what})", None, Reach.NOTHING)
    elif kind == "Secret":
        yield from _of_secret(after, one, what)
    elif item.group in (*_ISTIO, *_GATEWAY_API) or (kind in _CORE and not _is_idle(one)) or _is_of_mesh(item):
        yield _about(one, f"what istiod makes of a {kind} is not rebuilt ({what})", None, Reach.REQUESTS)


def _of_secret(after: Configuration, one: Applied, what: str) -> Iterator[NotRebuilt]:
    """Certificates that gateways ask for; other Secrets are none of istiod's."""
    if _TLS_SECRET in bytes(memoryview(one.item.body)):
        for client in after.clients:
            if client.kind == "gateway" and asks_for(client, one.item):
                yield _about(one, f"certificates are not rebuilt ({what})", client.name, Reach.REQUESTS)


def _is_idle(one: Applied) -> bool:
    """A new namespace has nothing in it yet."""
    return one.item.kind == "Namespace" and one.before is None


def _is_of_mesh(item: Object) -> bool:
    """Whether a ConfigMap holds the settings of the mesh; those of applications are none of istiod's."""
    return item.kind == "ConfigMap" and (item.name == "istio" or item.name.startswith("istio-"))


def _about(one: Applied, because: str, proxy: str | None, reach: Reach) -> NotRebuilt:
    return NotRebuilt(
        object=str(named(one.item)), because=because, proxy=proxy, decides=reach, location=one.item.location
    )
