"""The sections of a config_dump as types: one scan of the text finds every resource, bodies stay slices.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/admin/v3/config_dump_shared.proto and the `ConfigDump` messages of
API v2, whose listeners stand in flat arrays. All arrays are fields of one type, so that a single decoder reads any section;
it exists twice, for Envoy's snake_case and for protobuf's camelCase.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

import msgspec
from msgspec import Raw, Struct

from meshscope.envoy.resource import (
    ACTIVE,
    CLUSTER,
    DRAINING,
    ECDS,
    ENDPOINTS,
    LISTENER,
    ROUTES,
    SCOPED_ROUTES,
    SECRET,
    STATIC,
    WARMING,
)
from meshscope.path import camel

LONG = 4_000_000
"""Bytes of a dump that take a few milliseconds to read."""
ARRAYS = {
    "static_clusters": (CLUSTER, STATIC),
    "dynamic_active_clusters": (CLUSTER, ACTIVE),
    "dynamic_warming_clusters": (CLUSTER, WARMING),
    "static_listeners": (LISTENER, STATIC),
    "dynamic_listeners": (LISTENER, ACTIVE),
    "dynamic_active_listeners": (LISTENER, ACTIVE),
    "dynamic_warming_listeners": (LISTENER, WARMING),
    "dynamic_draining_listeners": (LISTENER, DRAINING),
    "static_route_configs": (ROUTES, STATIC),
    "dynamic_route_configs": (ROUTES, ACTIVE),
    "inline_scoped_route_configs": (SCOPED_ROUTES, STATIC),
    "dynamic_scoped_route_configs": (SCOPED_ROUTES, ACTIVE),
    "static_endpoint_configs": (ENDPOINTS, STATIC),
    "dynamic_endpoint_configs": (ENDPOINTS, ACTIVE),
    "static_secrets": (SECRET, STATIC),
    "dynamic_active_secrets": (SECRET, ACTIVE),
    "dynamic_warming_secrets": (SECRET, WARMING),
    "ecds_filters": (ECDS, ACTIVE),
}
"""Array of a section -> kind of its resources, and their state unless the entry has one."""

LISTENER_STATES = {"active_state": ACTIVE, "warming_state": WARMING, "draining_state": DRAINING}

SECTION_KINDS = {
    "ClustersConfigDump": CLUSTER,
    "ListenersConfigDump": LISTENER,
    "RoutesConfigDump": ROUTES,
    "ScopedRoutesConfigDump": SCOPED_ROUTES,
    "EndpointsConfigDump": ENDPOINTS,
    "SecretsConfigDump": SECRET,
    "EcdsConfigDump": ECDS,
}
"""Message name of a section -> the kind that it is evidence of, even if it is empty."""


ABSENT = Raw()
"""Stands for the body of an entry without one."""


class Spelling(Struct, frozen=True):
    """Decoders of one spelling, from the whole dump down to one entry."""

    dump: msgspec.json.Decoder[Any]
    section: msgspec.json.Decoder[Any]
    entry: msgspec.json.Decoder[Any]


@cache
def spelling(rename: Literal["camel"] | None) -> Spelling:
    """`None` for snake_case, `"camel"` for lowerCamelCase, whose entries may hold a body under its snake_case name: `KIND_`.

    A section of the first holds what is spelled the other way, too, unread: `ARRAY_`.
    """

    def struct(name: str, fields: dict[str, tuple[Any, Any]]) -> type[Struct]:
        described = [(field, kind, default) for field, (kind, default) in fields.items()]
        return msgspec.defstruct(name, described, rename=rename, gc=False)

    times = {"version_info": (str, ""), "last_updated": (str, "")}
    state = struct("State", {"listener": (Raw, Raw()), **times})
    error = struct(
        "Error",
        {
            "details": (str, ""),
            "last_update_attempt": (str, ""),
            "version_info": (str, ""),
            "failed_configuration": (Raw, ABSENT),
        },
    )
    other = {} if rename is None else {f"{body}_": body for body in (ROUTES, ENDPOINTS)}
    bodies = (CLUSTER, LISTENER, ROUTES, ENDPOINTS, SECRET, ECDS, "scoped_route_configs")
    entry = struct(
        "Entry",
        {
            "name": (str, ""),
            **times,
            **dict.fromkeys(bodies, (Raw, ABSENT)),
            **{field: (Raw, msgspec.field(name=name, default=Raw())) for field, name in other.items()},
            **dict.fromkeys(LISTENER_STATES, (state | None, None)),
            "error_state": (error | None, None),
            "client_status": (str, ""),
        },
    )
    entry.is_camel = rename is not None  # type: ignore[attr-defined]  # a class attribute, not a field
    section = msgspec.defstruct(
        "Section",
        [
            ("type_url", str, msgspec.field(name="@type", default="")),
            ("bootstrap", Raw, Raw()),
            *((name, list[entry], ()) for name in ARRAYS),  # type: ignore[valid-type]  # one empty tuple, not a list for each
            *((f"{name}_", Raw, msgspec.field(name=camel(name), default=ABSENT)) for name in ARRAYS if rename is None),
        ],
        rename=rename,
    )
    dump = struct("Dump", {"configs": (list[section], msgspec.NODEFAULT)})  # type: ignore[valid-type]  # made above
    return Spelling(msgspec.json.Decoder(dump), msgspec.json.Decoder(section), msgspec.json.Decoder(entry))
