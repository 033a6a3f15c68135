"""Which object a piece of configuration was made of, as Istio notes it in `filter_metadata.istio.config`."""

from __future__ import annotations

import re

from msgspec import Struct

_ACRONYMS = frozenset({"api", "grpc", "http", "lb", "tcp", "tls", "udp"})
_PATH = re.compile(r"/apis/(?P<group>[^/]*)/[^/]+/namespaces/(?P<namespace>[^/]*)/(?P<kind>[^/]+)/(?P<name>[^/]+)")


class ObjectRef(Struct, frozen=True, order=True):
    """One Kubernetes object. `kind` is CamelCase, `namespace` "" for a cluster-scoped one; its version is no part."""

    group: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


def parse_config_path(path: str) -> ObjectRef | None:
    """`/apis/networking.istio.io/v1/namespaces/default/virtual-service/reviews` -> VirtualService default/reviews.

    The version is the one that the control plane reads, not the one the user wrote.
    """
    found = _PATH.fullmatch(path)
    return ObjectRef(found["group"], camel_kind(found["kind"]), found["namespace"], found["name"]) if found else None


def camel_kind(kebab: str) -> str:
    """`virtual-service` -> `VirtualService`, `http-route` -> `HTTPRoute`."""
    return "".join(part.upper() if part in _ACRONYMS else part[:1].upper() + part[1:] for part in kebab.split("-"))
