"""What RBAC's rules are asked about: a connection, and the request on it where there is one.

What is not given is unknown, in words for which `HINTS` has the field of the request that decides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from msgspec import Struct

from meshscope.simulation import hints
from meshscope.simulation.connection import Connection, Envoy, HttpRequest
from meshscope.simulation.guards import rbac_respect_ignore_path_parameters, strip_path_parameters_per_segment
from meshscope.simulation.matching.header import GENERATES

NO_IDENTITY = "the client's identity is not given"
NO_SOURCE_ADDRESS = "the client's address is not given"
NO_DESTINATION = "the address that was dialled is not given"
HINTS = {
    NO_IDENTITY: hints.IDENTITY,
    NO_SOURCE_ADDRESS: hints.SOURCE_ADDRESS,
    NO_DESTINATION: hints.DESTINATION,
    GENERATES: hints.REQUEST_ID,
}
"""What decides an unknown, by its reason."""

TOKEN_FILTERS = ("envoy.filters.http.jwt_authn", "istio_authn")


class RbacFacts(Struct, frozen=True, kw_only=True, dict=True):
    """`request` None: a connection, of which only its own facts are known. `secured`: this proxy ended the client's TLS.

    `connection_metadata` is dynamic metadata that network filters set; a request has its own.
    """

    connection: Connection
    request: HttpRequest | None = None
    secured: bool = False
    envoy: Envoy = Envoy()
    route_metadata: Mapping[str, Any] = {}
    connection_metadata: Mapping[str, Any] = {}
    ignore_path_parameters: bool = False

    @cached_property
    def path(self) -> str | None:
        """The path without query and fragment; None on a connection, and for CONNECT without one."""
        if self.request is None or not self.request.path:
            return None
        path = re.split(r"[?#]", self.request.path, maxsplit=1)[0]
        if self.ignore_path_parameters and ";" in path and rbac_respect_ignore_path_parameters(self.envoy):
            if strip_path_parameters_per_segment(self.envoy):
                return re.sub(r";[^/]*", "", path)
            return path.partition(";")[0]
        return path

    @property
    def metadata(self) -> Mapping[str, Any]:
        return self.request.metadata if self.request else self.connection_metadata

    @property
    def identities(self) -> tuple[str, ...] | None:
        """URI names, DNS names and the subject of the client's certificate; None where they are not given."""
        peer = self.connection.peer
        names = (*peer.uri_sans, *peer.dns_sans)
        if peer.presented is None or (peer.presented and not names and not peer.subject and not peer.der):
            return None
        return (*names, peer.subject)

    @property
    def client_ip(self) -> str | None:
        """After X-Forwarded-For, as the connection manager decided; the connection's own without a request."""
        return self.connection.source_ip if self.request is None else self.request.client_ip

    @property
    def direct_ip(self) -> str | None:
        """The physical peer; without a PROXY protocol there is no other."""
        direct = self.connection.direct_source_ip
        return self.connection.source_ip if direct is None else direct
