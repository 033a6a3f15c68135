"""One named resource of a dump: its place, its state, and its body as an unread slice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from msgspec import Raw, Struct

from meshscope.envoy import dialect
from meshscope.location import Document, Location
from meshscope.path import Path
from meshscope.xds.message import Undecodable, decode

# A kind and a state stay plain texts: indexing writes them into each of a hundred thousand resources, reading compares them as
# often, and a StrEnum's members are slower to look up and to hash.
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


class Origin(Struct, frozen=True, eq=False):
    """The document that a dump was read from, and how it spells resources.

    `rewritten` is false for Envoy's own spelling, whose slices are canonical already. `api_v2` is true where the dump says
    that all of its resources are of API v2; otherwise each body is searched for messages of that time.
    """

    document: Document
    rewritten: bool = True
    api_v2: bool = False

    def canonical(self, raw: Raw, kind: str) -> Raw | bytes:
        """A body in snake_case v3 spelling."""
        api_v2 = self.api_v2 or (kind != BOOTSTRAP and dialect.is_old(raw))
        return dialect.canonical(raw, kind, api_v2=api_v2) if self.rewritten or api_v2 else raw


class Resource(Struct, frozen=True, eq=False):
    """`raw` is spelled as in the document; `read` gives the body typed, in v3 terms. Times are RFC 3339 in UTC.

    `entry` leads to the entry of the dump, `field` (dotted) from there to the body. `group` is the name of an entry that holds
    several: of scopes the name of their `scoped_routes`.
    """

    origin: Origin
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
    group: str = ""

    @property
    def location(self) -> Location:
        parts = (*self.entry, *self.field.split(".")) if self.field else self.entry
        return Location(self.origin.document, parts)

    @property
    def in_effect(self) -> bool:
        return self.state in IN_EFFECT

    def canonical(self) -> Raw | bytes:
        """The body in snake_case v3 spelling."""
        return self.origin.canonical(self.raw, self.kind)

    def read(self, kind: type[T]) -> T | Undecodable:
        """The body as a typed message. Each call decodes again; `mesh.bodies` keeps what was read."""
        return decode(self.canonical(), kind)


def of_kind(resources: Iterable[Resource], kind: str) -> tuple[Resource, ...]:
    return tuple(resource for resource in resources if resource.kind == kind)
