"""InferencePools: the Service that istiod makes of each that an HTTPRoute leads to.

https://istio.io/latest/docs/tasks/traffic-management/ingress/gateway-api-inference-extension/ and
https://github.com/istio/istio/blob/master/pilot/pkg/config/kube/gateway/inferencepool_collection.go
"""

from __future__ import annotations

from hashlib import sha256

from meshscope.effect.gateway_api.sources import Sources
from meshscope.effect.istiod_flags import INFERENCE

PICKER = "istio.io/inferencepool-extension-service"
"""A label of that Service: the Service of the endpoint picker."""
_MARK, _HASH, _LONGEST = "-ip-", 8, 63


def service_name(pool: str) -> str:
    """The pool's name, cut where Kubernetes takes no longer one, with a hash of it."""
    return f"{pool[: _LONGEST - len(_MARK) - _HASH]}{_MARK}{sha256(pool.encode()).hexdigest()[:_HASH]}"


def why_no_pools(sources: Sources) -> str:
    """Why istiod reads no InferencePool, "" where it does, or where nothing tells."""
    if not sources.is_since(1, 27):
        return "istiod knows no InferencePool before its version 1.27"
    return f"istiod reads no InferencePool: {INFERENCE[0]} is not true" if sources.is_off(*INFERENCE) else ""
