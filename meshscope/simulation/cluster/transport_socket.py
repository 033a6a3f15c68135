"""Which transport socket a proxy uses towards a host, and what the next proxy sees of the connection.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/cluster/v3/cluster.proto#config-cluster-v3-cluster-transportsocketmatch
https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/transport_sockets/tls/v3/tls.proto
Istio's ALPN filter replaces the list, so that the server's sidecar tells a mesh client's HTTP (`istio-http/1.1`) from TCP.
https://github.com/istio/proxy/blob/master/source/extensions/filters/http/alpn/alpn_filter.cc
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from msgspec import Struct

from meshscope.simulation.cluster.hosts import Host
from meshscope.simulation.cluster.subsets import has_all
from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.trace import Tls
from meshscope.xds.cluster import Cluster
from meshscope.xds.extension import Extension, Unmodelled
from meshscope.xds.istio_filters import IstioAlpn
from meshscope.xds.message import Undecodable, present
from meshscope.xds.tls import CommonTlsContext, QuicUpstreamTransport, UpstreamTlsContext
from meshscope.xds.upstream_http_options import HttpProtocolOptions

ISTIO_ALPN = ("istio", "istio-peer-exchange", "istio-http/1.0", "istio-http/1.1", "istio-h2")
ISTIO_WORKLOAD = "default"
"""The name under which Istio's SDS delivers the workload's own certificate."""
_RAW = ("envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer", "")
_RAW_NAMES = ("envoy.transport_sockets.raw_buffer", "raw_buffer")
_WRAPPERS = ("proxy_protocol", "tcp_stats", "internal_upstream", "http_11_proxy")
_FALLBACK = {"http1": "http/1.1", "http2": "h2", "http3": "h3"}


class Socket(Struct, frozen=True):
    """`extension` None: plain text. `match` names the entry of `transport_socket_matches`, "" for the cluster's own.
    `hostname` is the endpoint's, which `auto_host_sni` takes.
    """

    extension: Extension | None
    hostname: str = ""
    match: str = ""
    because: str = ""
    assuming: tuple[str, ...] = ()


class UpstreamConnection(Struct, frozen=True, kw_only=True):
    """What arrives at the other end. `protocols`: what is spoken inside; more than one: the server's ALPN decides.

    `client_certificate`: one is presented if asked for. `server_names` are the names that the server has to prove (SANs).
    """

    tls: bool = False
    sni: str = ""
    alpn: tuple[str, ...] = ()
    client_certificate: bool = False
    secret: str = ""
    server_names: tuple[str, ...] = ()
    protocols: tuple[str, ...] = ()
    shown: Tls = Tls("DISABLE")
    assuming: tuple[str, ...] = ()


def transport_socket(cluster: Cluster, host: Host) -> Socket:
    """The first match that the endpoint's metadata fulfils, then one that its locality's does, else the cluster's own.

    A match without keys always hits, so that nothing after it counts.
    """
    assuming: tuple[str, ...] = ()
    name = host.endpoint.hostname
    if present(cluster.transport_socket_matcher):
        assuming = ("transport_socket_matcher chooses as transport_socket_matches would",)
    for match in cluster.transport_socket_matches:
        if has_all(host.socket, match.match):
            return Socket(
                match.transport_socket, name, match.name, f"the endpoint's metadata fits {match.name}", assuming
            )
    if cluster.transport_socket_matches and host.locality_socket is None:
        assuming = (*assuming, "locality metadata, which this dump does not hold, fits no transport socket match")
    for match in cluster.transport_socket_matches if host.locality_socket is not None else ():
        if has_all(host.locality_socket or {}, match.match):
            return Socket(
                match.transport_socket, name, match.name, f"the locality's metadata fits {match.name}", assuming
            )
    because = "no transport socket match fits" if cluster.transport_socket_matches else ""
    return Socket(cluster.transport_socket, name, "", because, assuming)


def rejected_matches(cluster: Cluster, host: Host) -> Iterator[tuple[str, str]]:
    """The matches that the endpoint does not fulfil, each with what it has instead."""
    for match in cluster.transport_socket_matches:
        for key, value in match.match.items():
            if not has_all(host.socket, {key: value}):
                there = f"is {host.socket[key]!r}" if key in host.socket else "is absent"
                yield match.name, f"metadata {key} {there}; {value!r} was asked"
                break


def upstream_connection(
    socket: Socket,
    options: HttpProtocolOptions,
    *,
    request: HttpRequest | None = None,
    downstream: str = "http1",
    alpn_override: tuple[str, ...] = (),
) -> UpstreamConnection:
    """`request` is the request as it leaves (None for TCP); `downstream` what the client speaks;
    `alpn_override` what a filter put in the place of the cluster's ALPN list.
    """
    protocols = options.protocols(downstream) if request is not None else ("tcp",)
    if socket.extension is None or socket.extension.type_name in _RAW or socket.extension.name in _RAW_NAMES:
        return UpstreamConnection(protocols=protocols, assuming=socket.assuming)
    config = socket.extension.config
    if isinstance(config, QuicUpstreamTransport):
        config = config.upstream_tls_context
    if not isinstance(config, UpstreamTlsContext):
        what = socket.extension.type_name or socket.extension.name
        plain = isinstance(config, Unmodelled) and any(f".{name}." in config.type_name for name in _WRAPPERS)
        why = (
            f"unreadable: {config.why}"
            if isinstance(config, Undecodable)
            else "wraps plain text"
            if plain
            else "is plain text"
        )
        return UpstreamConnection(protocols=protocols, assuming=(*socket.assuming, f"transport socket {what} {why}"))
    common = config.common_tls_context
    alpn = alpn_override or common.alpn_protocols or tuple(_FALLBACK[p] for p in protocols if p in _FALLBACK)
    authority = _authority(options, request)
    is_name = authority is not None and not _is_ip(authority)
    sni = config.sni
    if options.upstream_http_protocol_options.auto_sni and is_name:
        sni = authority or ""
    elif config.auto_host_sni and socket.hostname:
        sni = socket.hostname
    names = _server_names(common)
    if options.upstream_http_protocol_options.auto_san_validation and authority:
        names = (authority,)
    elif config.auto_sni_san_validation and sni:
        names = (sni,)
    presents, secret = _certificate(common)
    return UpstreamConnection(
        tls=True,
        sni=sni,
        alpn=alpn,
        client_certificate=presents,
        secret=secret,
        server_names=names,
        protocols=protocols,
        shown=Tls(_mode(common, presents=presents, secret=secret), sni, names),
        assuming=socket.assuming,
    )


def _mode(common: CommonTlsContext, *, presents: bool, secret: str) -> str:
    """Istio's word: ISTIO_MUTUAL presents the workload's own certificate and speaks Istio's ALPN."""
    if secret == ISTIO_WORKLOAD and any(protocol in ISTIO_ALPN for protocol in common.alpn_protocols):
        return "ISTIO_MUTUAL"
    return "MUTUAL" if presents else "SIMPLE"


def _certificate(common: CommonTlsContext) -> tuple[bool, str]:
    """Whether there is a client certificate, and the name of its secret where SDS delivers it."""
    secrets = common.tls_certificate_sds_secret_configs
    return bool(secrets or common.tls_certificates), secrets[0].name if secrets else ""


def _server_names(common: CommonTlsContext) -> tuple[str, ...]:
    """The patterns of subject alternative names, as they read: an exact one is the name itself."""
    context = common.validation_context
    if common.combined_validation_context:
        context = common.combined_validation_context.default_validation_context
    if context is None:
        return ()
    typed = (matcher.matcher for matcher in context.match_typed_subject_alt_names)
    return tuple(str(m) if m.exact is None else m.exact for m in (*typed, *context.match_subject_alt_names))


def _authority(options: HttpProtocolOptions, request: HttpRequest | None) -> str | None:
    """The host that `auto_sni` and `auto_san_validation` take, without its port."""
    if request is None:
        return None
    header = options.upstream_http_protocol_options.override_auto_sni_header
    text = ",".join(request.values(header)) if header else ""
    host = text or request.authority or ""
    if host.startswith("["):
        return host.partition("]")[0].removeprefix("[")
    return host.partition(":")[0] if host.count(":") == 1 else host


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


_PROTOCOLS = {"http10": "HTTP10", "http1": "HTTP11", "http2": "HTTP2"}


def alpn_override(config: IstioAlpn, cluster: Cluster, upstream_protocols: tuple[str, ...]) -> tuple[str, ...]:
    """The list that replaces the cluster's, () where it stays. The first protocol counts where ALPN may yet choose.

    A cluster whose metadata says `alpn_override: "false"` (a destination rule with TLS of its own) keeps its list.
    """
    if cluster.metadata.value("istio", "alpn_override") == "false" or not upstream_protocols:
        return ()
    wanted = _PROTOCOLS.get(upstream_protocols[0], "")
    # later entries for the same protocol replace earlier ones
    found = [entry.alpn_override for entry in config.alpn_override if entry.upstream_protocol == wanted]
    return found[-1] if found else ()
