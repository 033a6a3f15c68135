"""The transport socket that a proxy uses towards a host: one of the cluster's matches, or the cluster's own.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/cluster/v3/cluster.proto#config-cluster-v3-cluster-transportsocketmatch
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from meshscope.simulation.cluster.hosts import Host
from meshscope.simulation.cluster.subsets import has_all
from meshscope.xds.cluster import Cluster
from meshscope.xds.extension import Extension
from meshscope.xds.message import present

if TYPE_CHECKING:
    from meshscope.xds.wrapping_socket import WrappingSocket

_SOCKETS = "envoy.extensions.transport_sockets"
_WRAPPING = (
    f"{_SOCKETS}.internal_upstream.v3.InternalUpstreamTransport",
    f"{_SOCKETS}.proxy_protocol.v3.ProxyProtocolUpstreamTransport",
    f"{_SOCKETS}.http_11_proxy.v3.Http11ProxyUpstreamTransport",
    f"{_SOCKETS}.tcp_stats.v3.Config",
)


class Socket(Struct, frozen=True):
    """`extension` None: plain text. `match` is the name of the entry of `transport_socket_matches`, "" for the cluster's own.

    `hostname` is the endpoint's, for `auto_host_sni`.
    """

    extension: Extension | None
    hostname: str = ""
    match: str = ""
    because: str = ""
    assuming: tuple[str, ...] = ()


def transport_socket(cluster: Cluster, host: Host) -> Socket:
    """The socket of the connection itself: the one inside of those that wrap another one."""
    socket = _configured_socket(cluster, host)
    while socket.extension is not None and socket.extension.type_name in _WRAPPING:
        from meshscope.xds.wrapping_socket import WrappingSocket  # few sockets are of that type

        config = socket.extension.config
        if not isinstance(config, WrappingSocket):
            return socket
        assuming = (*socket.assuming, *_assumed(config))
        socket = replace(socket, extension=config.transport_socket, assuming=assuming)
    return socket


def _assumed(config: WrappingSocket) -> Iterator[str]:
    """What has to be so for a connection to come through."""
    from meshscope.xds.wrapping_socket import InternalUpstreamTransport, ProxyProtocolUpstreamTransport

    if isinstance(config, InternalUpstreamTransport):
        if names := ", ".join(one.name for one in config.passthrough_metadata):
            yield f"metadata {names}, which the internal listener is given, decides nothing there"
    elif isinstance(config, ProxyProtocolUpstreamTransport):
        yield f"the host expects the PROXY protocol ({config.config.version}), and what it says decides nothing there"


def _configured_socket(cluster: Cluster, host: Host) -> Socket:
    """The first match that the endpoint's metadata fits, else the first that its locality's fits, else the cluster's own.

    A match without keys fits every endpoint, so that no match after it counts.
    """
    assuming: tuple[str, ...] = ()
    name = host.endpoint.hostname
    if present(cluster.transport_socket_matcher):
        assuming = ("transport_socket_matcher selects the same socket as transport_socket_matches",)
    for match in cluster.transport_socket_matches:
        if has_all(host.socket, match.match):
            return Socket(
                match.transport_socket, name, match.name, f"the endpoint's metadata fits {match.name}", assuming
            )
    if cluster.transport_socket_matches and host.locality_socket is None:
        assuming = (*assuming, "the locality metadata, which is not captured, fits no transport socket match")
    for match in cluster.transport_socket_matches if host.locality_socket is not None else ():
        if has_all(host.locality_socket or {}, match.match):
            return Socket(
                match.transport_socket, name, match.name, f"the locality's metadata fits {match.name}", assuming
            )
    because = "no transport socket match fits" if cluster.transport_socket_matches else ""
    return Socket(cluster.transport_socket, name, "", because, assuming)


def rejected_matches(cluster: Cluster, host: Host) -> Iterator[tuple[str, str]]:
    """The name of each match that the endpoint does not fit, and the reason."""
    for match in cluster.transport_socket_matches:
        for key, value in match.match.items():
            if not has_all(host.socket, {key: value}):
                actual = f"is {host.socket[key]!r}" if key in host.socket else "is absent"
                yield match.name, f"metadata {key} {actual}; {value!r} was asked"
                break
