"""The TLS versions that an Envoy accepts as a server and offers as a client.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/transport_sockets/tls/v3/common.proto#extensions-transport-sockets-tls-v3-tlsparameters
"""

from __future__ import annotations

from msgspec import Struct

from meshscope.simulation.connection import Envoy
from meshscope.xds.tls import TlsParameters

_ORDER = ("TLSv1_0", "TLSv1_1", "TLSv1_2", "TLSv1_3")
_AUTO = "TLS_AUTO"


class ServerVersions(Struct, frozen=True):
    lowest: str
    highest: str

    @classmethod
    def of(cls, parameters: TlsParameters, envoy: Envoy) -> ServerVersions:
        """For a server, TLS_AUTO means 1.2 to 1.3; before Envoy 1.22, 1.0 to 1.3."""
        lowest, highest = parameters.tls_minimum_protocol_version, parameters.tls_maximum_protocol_version
        oldest = "TLSv1_2" if envoy.at_least(1, 22) else "TLSv1_0"
        return cls(oldest if lowest == _AUTO else lowest, "TLSv1_3" if highest == _AUTO else highest)

    def __str__(self) -> str:
        return f"{self.lowest} to {self.highest}"


def client_versions(parameters: TlsParameters, envoy: Envoy) -> tuple[str, str]:
    """The versions of an Envoy as a client: TLS_AUTO means 1.2 alone; before 1.22, 1.0 to 1.2."""
    lowest, highest = parameters.tls_minimum_protocol_version, parameters.tls_maximum_protocol_version
    oldest = "TLSv1_2" if envoy.at_least(1, 22) else "TLSv1_0"
    return oldest if lowest == _AUTO else lowest, "TLSv1_2" if highest == _AUTO else highest


def in_common(server: ServerVersions, client: tuple[str, str]) -> bool:
    """Whether the ranges overlap; an unknown version does not count against that."""
    lowest, highest = (_ORDER.index(version) if version in _ORDER else None for version in client)
    low, high = (_ORDER.index(v) if v in _ORDER else None for v in (server.lowest, server.highest))
    if lowest is None or highest is None or low is None or high is None:
        return True
    return max(lowest, low) <= min(highest, high)


def is_any(offered: tuple[str, str] | None) -> bool:
    """Whether a client has a version to offer; one without does not begin a handshake."""
    return offered is None or in_common(ServerVersions(*offered), offered)
