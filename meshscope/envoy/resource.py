"""One named resource of a dump: where it stands, in which state it is, and its body as an unread slice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeVar

from msgspec import Raw, Struct

from meshscope.location import Location
from meshscope.path import Path
from meshscope.xds.message import Undecodable, decode

if TYPE_CHECKING:
    from meshscope.envoy.dump import Dump

LISTENER, CLUSTER, ROUTES, ENDPOINTS = "listener", "cluster", "route_config", "endpoint_config"
SECRET, ECDS, SCOPED_ROUTES, BOOTSTRAP = "secret", "ecds_filter", "scoped_route_config", "bootstrap"

STATIC, ACTIVE, WARMING, DRAINING, ERROR = "static", "active", "warming", "draining", "error"
IN_EFFECT = (STATIC, ACTIVE)

T = TypeVar("T")


class ErrorState(Struct, frozen=True):
    """Why Envoy refused an update (NACK). The refused configuration itself stays in the raw slice."""

    details: str = ""
    last_update_attempt: str = ""
    version_info: str = ""


class Resource(Struct, frozen=True, eq=False):
    """`raw` is spelled as in the document; `read` gives it typed, in v3 terms. Times are RFC 3339 in UTC."""

    dump: Dump
    kind: str
    name: str
    state: str
    raw: Raw
    entry: Path
    field: str
    version_info: str = ""
    last_updated: str = ""
    error: ErrorState | None = None
    client_status: str = ""

    @property
    def location(self) -> Location:
        parts = (*self.entry, *self.field.split(".")) if self.field else self.entry
        return Location(self.dump.document, parts)

    @property
    def in_effect(self) -> bool:
        return self.state in IN_EFFECT

    def canonical(self) -> Raw | bytes:
        """The body in snake_case v3 spelling."""
        return self.dump.canonical(self.raw, self.kind)

    def read(self, kind: type[T]) -> T | Undecodable:
        """The body as a typed message; each call decodes anew, `mesh` keeps what was read."""
        return decode(self.canonical(), kind)


def of_kind(resources: Iterable[Resource], kind: str) -> tuple[Resource, ...]:
    return tuple(resource for resource in resources if resource.kind == kind)
