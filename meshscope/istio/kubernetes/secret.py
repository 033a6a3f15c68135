"""Secret: its type and the names of its keys. What the keys hold is never read.

https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/secret-v1/
"""

from __future__ import annotations

from msgspec import field

from meshscope.istio.kubernetes.metadata import ObjectMetadata
from meshscope.istio.labels import KeyNames
from meshscope.typed import Typed


class Secret(Typed, frozen=True):
    """`type` is `kubernetes.io/tls`, `Opaque` …"""

    metadata: ObjectMetadata = ObjectMetadata()
    type: str = "Opaque"
    data: KeyNames = KeyNames()
    string_data: KeyNames = field(default=KeyNames(), name="stringData")

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(sorted({*self.data, *self.string_data}))
