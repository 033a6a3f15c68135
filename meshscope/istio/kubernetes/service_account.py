"""ServiceAccount: the identity of pods.

https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/service-account-v1/
"""

from __future__ import annotations

from meshscope.istio.kubernetes.metadata import ObjectMetadata
from meshscope.typed import Typed


class ServiceAccount(Typed, frozen=True):
    metadata: ObjectMetadata = ObjectMetadata()
