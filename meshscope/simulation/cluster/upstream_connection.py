"""The connection that a proxy opens to a host, as the next proxy sees it: TLS, SNI, ALPN, certificates, protocols.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/transport_sockets/tls/v3/tls.proto
Istio's ALPN filter replaces the ALPN list, so that the server's sidecar distinguishes HTTP of the mesh (`istio-http/1.1`)
from TCP.
https://github.com/istio/proxy/blob/master/source/extensions/filters/http/alpn/alpn_filter.cc
"""

from __future__ import annotations

import ipaddress

from msgspec import Struct

from meshscope.simulation.cluster.transport_socket import Socket
from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.trace import Tls
from meshscope.xds.cluster import Cluster
from meshscope.xds.istio_filters import IstioAlpn
from meshscope.xds.message import Undecodable
from meshscope.xds.tls import CommonTlsContext, QuicUpstreamTransport, UpstreamTlsContext
from meshscope.xds.upstream_http_options import HttpProtocolOptions

ISTIO_ALPN = ("istio", "istio-peer-exchange", "istio-http/1.0", "istio-http/1.1", "istio-h2")
ISTIO_WORKLOAD = "default"
"""The name of the workload's own certificate in Istio's SDS."""
_RAW = ("envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer", "")
_RAW_NAMES = ("envoy.transport_sockets.raw_buffer", "raw_buffer")
_FALLBACK = {"http1": "http/1.1", "http2": "h2", "http3": "h3"}
_PROTOCOLS = {"http10": "HTTP10", "http1": "HTTP11", "http2": "HTTP2"}


class UpstreamConnection(Struct, frozen=True, kw_only=True):
    """`protocols` are those inside TLS; of several, the server's ALPN decides. `secret` is the name of the client certificate
    in SDS.

    `context` are the settings of TLS, None for plain text. `client_certificate`: one is presented on request. `server_names`
    are the SANs of which the server must have one; `names_of_request` those that the request asks for.
    """

    context: UpstreamTlsContext | None = None
    names_of_request: tuple[str, ...] = ()
    sni: str = ""
    alpn: tuple[str, ...] = ()
    client_certificate: bool = False
    secret: str = ""
    server_names: tuple[str, ...] = ()
    protocols: tuple[str, ...] = ()
    shown: Tls = Tls("DISABLE")
    assuming: tuple[str, ...] = ()

    @property
    def tls(self) -> bool:
        return self.context is not None


def upstream_connection(
    socket: Socket,
    options: HttpProtocolOptions,
    *,
    request: HttpRequest | None = None,
    downstream: str = "http1",
    alpn_override: tuple[str, ...] = (),
) -> UpstreamConnection:
    """`request` is the request to the upstream (None for TCP), `downstream` the client's protocol.

    `alpn_override` replaces the cluster's ALPN list unless it is empty.
    """
    protocols = options.protocols(downstream) if request is not None else ("tcp",)
    if socket.extension is None or socket.extension.type_name in _RAW or socket.extension.name in _RAW_NAMES:
        return UpstreamConnection(protocols=protocols, assuming=socket.assuming)
    config = socket.extension.config
    if isinstance(config, QuicUpstreamTransport):
        config = config.upstream_tls_context
    if not isinstance(config, UpstreamTlsContext):
        name = socket.extension.type_name or socket.extension.name
        assumption = f"transport socket {name} {_assumed_plain_text(config)}"
        return UpstreamConnection(protocols=protocols, assuming=(*socket.assuming, assumption))
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
    of_request: tuple[str, ...] = ()
    if options.upstream_http_protocol_options.auto_san_validation and authority:
        names = of_request = (authority,)
    elif config.auto_sni_san_validation and sni:
        names = of_request = (sni,)
    presents, secret = _certificate(common)
    return UpstreamConnection(
        context=config,
        names_of_request=of_request,
        sni=sni,
        alpn=alpn,
        client_certificate=presents,
        secret=secret,
        server_names=names,
        protocols=protocols,
        shown=Tls(_mode(common, presents=presents, secret=secret), sni, names),
        assuming=socket.assuming,
    )


def _assumed_plain_text(config: object) -> str:
    """The assumption about a transport socket without TLS settings."""
    if isinstance(config, Undecodable):
        return f"is plain text; it cannot be read: {config.why}"
    return "is plain text"


def _mode(common: CommonTlsContext, *, presents: bool, secret: str) -> str:
    """Istio's TLS mode; ISTIO_MUTUAL presents the workload's own certificate and offers Istio's ALPN."""
    if secret == ISTIO_WORKLOAD and any(protocol in ISTIO_ALPN for protocol in common.alpn_protocols):
        return "ISTIO_MUTUAL"
    return "MUTUAL" if presents else "SIMPLE"


def _certificate(common: CommonTlsContext) -> tuple[bool, str]:
    """Whether there is a client certificate, and the name of its secret if SDS delivers it."""
    secrets = common.tls_certificate_sds_secret_configs
    return bool(secrets or common.tls_certificates), secrets[0].name if secrets else ""


def _server_names(common: CommonTlsContext) -> tuple[str, ...]:
    """The matchers of subject alternative names as text; an exact one as the name itself."""
    context = common.validation_context
    if common.combined_validation_context:
        context = common.combined_validation_context.default_validation_context
    if context is None:
        return ()
    typed_matchers = (matcher.matcher for matcher in context.match_typed_subject_alt_names)
    return tuple(str(m) if m.exact is None else m.exact for m in (*typed_matchers, *context.match_subject_alt_names))


def _authority(options: HttpProtocolOptions, request: HttpRequest | None) -> str | None:
    """The host for `auto_sni` and `auto_san_validation`, without its port."""
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


def alpn_override(config: IstioAlpn, cluster: Cluster, upstream_protocols: tuple[str, ...]) -> tuple[str, ...]:
    """The ALPN list that replaces the cluster's; () if that stays. Of several upstream protocols the first counts.

    A cluster with the metadata `alpn_override: "false"` (its destination rule has TLS settings) keeps its list.
    """
    if cluster.metadata.value("istio", "alpn_override") == "false" or not upstream_protocols:
        return ()
    protocol = _PROTOCOLS.get(upstream_protocols[0], "")
    # later entries for the same protocol replace earlier ones
    lists = [entry.alpn_override for entry in config.alpn_override if entry.upstream_protocol == protocol]
    return lists[-1] if lists else ()
