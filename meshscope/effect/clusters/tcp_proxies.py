"""What a rule says of raw connections: istiod writes it into the filter chains that lead to the cluster.

https://istio.io/latest/docs/reference/config/networking/destination-rule/#TrafficPolicy-TunnelSettings and
https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/networkfilter.go (buildOutboundNetworkFilters)
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Raw, Struct

from meshscope.effect.answer import Difference
from meshscope.effect.clients import Client
from meshscope.effect.clusters.senders import senders
from meshscope.istio.durations import envoy_duration
from meshscope.istio.objects.connection_pool import TCPSettings
from meshscope.istio.objects.traffic_policy import TrafficPolicy, TunnelSettings
from meshscope.mesh.mesh import Mesh
from meshscope.xds.duration import duration_text
from meshscope.xds.message import Message, Undecodable, decode, present


class RawConnections(Struct, frozen=True):
    """Of a filter chain: durations as Envoy writes them, "" for none, and the tunnel in words."""

    idle_timeout: str = ""
    max_downstream_connection_duration: str = ""
    tunneling_config: str = ""


def made_connections(whole: TrafficPolicy | None, subset: TrafficPolicy | None) -> RawConnections:
    """What istiod makes of the policies of a cluster: times are those of the whole rule, a tunnel that of the subset, where the
    cluster is one's.
    """
    top = _tcp(whole)
    holder = subset if subset is not None else whole
    return RawConnections(
        envoy_duration(top.idle_timeout),
        envoy_duration(top.max_connection_duration),
        _wanted(holder.tunnel) if holder and holder.tunnel else "",
    )


class _Tunneling(Message, frozen=True):
    hostname: str = ""
    use_post: bool = False


def proxy_differences(  # noqa: PLR0913, PLR0917  # a cluster and its policies
    mesh: Mesh,
    client: Client,
    cluster: str,
    whole: TrafficPolicy | None,
    subset: TrafficPolicy | None,
    asked: TrafficPolicy | None,
) -> Iterator[Difference]:
    """Of each filter chain that leads to the cluster alone. istiod takes the times of the whole rule's policy, also where the
    port or the subset has its own, `asked`, which then are not in effect; and the tunnel of the subset, where there is one.
    """
    made, own = made_connections(whole, subset), _tcp(asked)
    idle = envoy_duration(own.idle_timeout) or made.idle_timeout
    longest = envoy_duration(own.max_connection_duration) or made.max_downstream_connection_duration
    tunnel = made.tunneling_config
    for one in senders(mesh, client, cluster, is_tcp=True):
        if not one.is_alone or one.proxy is None:
            continue
        pairs = (
            ("idle_timeout", idle, duration_text(one.proxy.idle_timeout) if idle else ""),
            (
                "max_downstream_connection_duration",
                longest,
                duration_text(one.proxy.max_downstream_connection_duration),
            ),
            ("tunneling_config", tunnel, _actual(one.proxy.tunneling_config)),
        )
        yield from (Difference(f"{one.name} {field}", mine, theirs) for field, mine, theirs in pairs if mine != theirs)


def _tcp(policy: TrafficPolicy | None) -> TCPSettings:
    return (policy.connection_pool.tcp if policy and policy.connection_pool else None) or TCPSettings()


def _wanted(tunnel: TunnelSettings) -> str:
    host = f"[{tunnel.target_host}]" if ":" in tunnel.target_host else tunnel.target_host
    return f"{'POST' if tunnel.protocol == 'POST' else 'CONNECT'} {host}:{tunnel.target_port}"


def _actual(raw: Raw) -> str:
    if not present(raw):
        return ""
    held = decode(raw, _Tunneling)
    return held.why if isinstance(held, Undecodable) else f"{'POST' if held.use_post else 'CONNECT'} {held.hostname}"
