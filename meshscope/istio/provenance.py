"""The object that a piece of configuration was generated from, as Istio notes it in `filter_metadata.istio.config`."""

from __future__ import annotations

import re

from msgspec import Struct

_ACRONYMS = frozenset({"api", "grpc", "http", "lb", "tcp", "tls", "udp"})
_PATH = re.compile(r"/apis/(?P<group>[^/]*)/[^/]+/namespaces/(?P<namespace>[^/]*)/(?P<kind>[^/]+)/(?P<name>[^/]+)")


class ObjectRef(Struct, frozen=True, order=True):
    """One Kubernetes object, without its version. `kind` is CamelCase, `namespace` is "" for cluster-scoped objects."""

    group: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


def parse_config_path(path: str) -> ObjectRef | None:
    """`/apis/networking.istio.io/v1/namespaces/default/virtual-service/reviews` -> VirtualService default/reviews.

    The path's version is the one that the control plane reads, not the one in the user's manifest.
    """
    match = _PATH.fullmatch(path)
    return ObjectRef(match["group"], camel_kind(match["kind"]), match["namespace"], match["name"]) if match else None


def camel_kind(kebab: str) -> str:
    """`virtual-service` -> `VirtualService`, `http-route` -> `HTTPRoute`."""
    return "".join(part.upper() if part in _ACRONYMS else part[:1].upper() + part[1:] for part in kebab.split("-"))
