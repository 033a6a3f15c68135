"""Whether a gateway has the certificates that a new part of it asks for: without them Envoy serves nothing there.

https://istio.io/latest/docs/tasks/traffic-management/ingress/secure-ingress/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from meshscope.effect.clients import Client
from meshscope.envoy.resource import LISTENER, SECRET
from meshscope.istio.manifest import Object
from meshscope.istio.provenance import ObjectRef
from meshscope.mesh.mesh import Mesh

_AUTHORITIES = "-cacert"
_WORKLOAD = ("default", "ROOTCA")
"""Those of the pod itself."""


def unseen_secrets(after: Mesh, client: Client, today: Any, chains: Iterable[Any]) -> tuple[str, ...]:
    """Names that the listener does not ask for `today`, and of which neither the proxy has a secret nor the input a Secret."""
    known = set(_asked(today))
    asked = dict.fromkeys(name for chain in chains for name in _asked(chain.get("transport_socket")))
    return tuple(name for name in asked if name not in known and not _is_seen(after, client, name))


def asks_for(client: Client, secret: Object) -> bool:
    """Whether a listener of the proxy shows a certificate of a Secret today, or waits for it."""
    names = {f"{name}{suffix}" for name in _names(client, secret) for suffix in ("", _AUTHORITIES)}
    bodies = (msgspec.json.decode(one.canonical()) for one in client.proxy.resources(LISTENER))
    return any(name in names for body in bodies for name in _asked(body))


def _names(client: Client, secret: Object) -> Iterator[str]:
    """As istiod names it to the proxy: its own namespace is left out."""
    namespace = secret.namespace or "default"
    yield f"kubernetes-gateway://{namespace}/{secret.name}"
    if namespace == client.namespace:
        yield from (f"kubernetes://{secret.name}", secret.name)
    yield f"kubernetes://{namespace}/{secret.name}"


def _asked(value: Any) -> Iterator[str]:
    if isinstance(value, dict) and "sds_config" in value:
        yield value.get("name", "")
    for member in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _asked(member)


def _is_seen(after: Mesh, client: Client, name: str) -> bool:
    scheme, _, named = name.partition("://")
    namespace, slash, bare = named.partition("/")
    if not slash:
        namespace, bare = client.namespace, named
    own = {name, f"kubernetes://{bare}"} if namespace == client.namespace else {name}
    if name in _WORKLOAD or any(one.name in own for one in client.proxy.resources(SECRET)):
        return True
    kind = "ConfigMap" if scheme == "configmap" else "Secret"
    names = {bare, bare.removesuffix(_AUTHORITIES)}
    return any(after.objects_by.named(ObjectRef("", kind, namespace, each)) is not None for each in names)
