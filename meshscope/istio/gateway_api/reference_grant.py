"""ReferenceGrant: which references from other namespaces are allowed.

https://gateway-api.sigs.k8s.io/reference/spec/#referencegrant
"""

from __future__ import annotations

from msgspec import field

from meshscope.typed import Typed


class ReferenceGrantFrom(Typed, frozen=True):
    group: str = ""
    kind: str = ""
    namespace: str = ""


class ReferenceGrantTo(Typed, frozen=True):
    """An empty `name` is every object of the kind in the grant's namespace."""

    group: str = ""
    kind: str = ""
    name: str = ""


class ReferenceGrantSpec(Typed, frozen=True):
    from_: tuple[ReferenceGrantFrom, ...] = field(default=(), name="from")
    to: tuple[ReferenceGrantTo, ...] = ()


class ReferenceGrant(Typed, frozen=True):
    spec: ReferenceGrantSpec = ReferenceGrantSpec()
