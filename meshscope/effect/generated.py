"""Gateways and VirtualServices that istiod makes itself, and what of the Gateway API or of Ingress they are made of.

Their annotations are those that istiod gives them, and decide what becomes of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar

from msgspec import Raw, Struct

from meshscope.effect.written import Written
from meshscope.istio.labels import Labels
from meshscope.istio.manifest import Object
from meshscope.path import Path

V_co = TypeVar("V_co", bound=Struct, covariant=True)

NETWORKING = "networking.istio.io"
ROUTE_SEMANTICS = "internal.istio.io/route-semantics"
GATEWAY_SERVICE = "internal.istio.io/gateway-service"
PARENTS = "internal.istio.io/parents"
GATEWAY, INGRESS = "gateway", "ingress"
"""Where the routes of a VirtualService come from, as ROUTE_SEMANTICS says."""


class Origin(Struct, frozen=True, eq=False):
    """The rule of an object that a rule of a generated one is made of. `problem` says why it does not do what it asks for;
    `is_known` is False for what is not modelled. `is_open`: a ReferenceGrant that the input may lack would allow it.
    """

    item: Object
    path: Path
    problem: str = ""
    is_known: bool = True
    is_open: bool = False


class Generated(Written[V_co], Generic[V_co], frozen=True, eq=False):
    """`origins` is by the path of a rule in this object. `names` are those that it may have where ages decide it; empty where
    its own is certain.
    """

    origins: Mapping[Path, Origin]
    names: frozenset[str] = frozenset()

    @property
    def sources(self) -> tuple[str, ...]:
        """The objects that it is made of, `Kind namespace/name`."""
        return tuple(dict.fromkeys(str(origin.item) for origin in self.origins.values()))

    def __str__(self) -> str:
        """By what people wrote: the object itself is nowhere to be read."""
        return " and ".join(self.sources)


def generated_object(  # noqa: PLR0913  # what an object is
    kind: str, name: str, origin: Object, created: str, annotations: Mapping[str, str], *, namespace: str = ""
) -> Object:
    """In the namespace of what it is made of, unless it has its own."""
    return Object(
        group=NETWORKING,
        version="v1",
        kind=kind,
        namespace=namespace or origin.namespace or "default",
        name=name,
        labels=Labels(),
        annotations=Labels.of(annotations),
        created_at=created,
        body=Raw(),
        location=origin.location,
    )


def semantics(item: Object) -> str:
    """GATEWAY or INGRESS for a VirtualService that istiod made, "" for one that people wrote."""
    return item.annotations.get(ROUTE_SEMANTICS)
