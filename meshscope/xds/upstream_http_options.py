"""Which HTTP a proxy speaks to a cluster: HttpProtocolOptions, and the older fields of the cluster itself.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/upstreams/http/v3/http_protocol_options.proto
"""

from __future__ import annotations

from msgspec import Raw

from meshscope.xds.cluster import Cluster
from meshscope.xds.extension import Extension, unpacked
from meshscope.xds.message import Message, Undecodable, decode, present

KEY = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"


class UpstreamHttpProtocolOptions(Message, frozen=True):
    auto_sni: bool = False
    auto_san_validation: bool = False
    override_auto_sni_header: str = ""


class HttpConfig(Message, frozen=True):
    """The same three fields in `explicit_http_config`, `use_downstream_protocol_config` and `auto_config`."""

    http_protocol_options: Raw = Raw()
    http2_protocol_options: Raw = Raw()
    http3_protocol_options: Raw = Raw()


class HttpProtocolOptions(Message, frozen=True):
    """At most one of the three configs is set; `explicit_http_config` without a member is HTTP/1.1."""

    common_http_protocol_options: Raw = Raw()
    upstream_http_protocol_options: UpstreamHttpProtocolOptions = UpstreamHttpProtocolOptions()
    explicit_http_config: HttpConfig | None = None
    use_downstream_protocol_config: HttpConfig | None = None
    auto_config: HttpConfig | None = None
    http_filters: tuple[Extension, ...] = ()

    def protocols(self, downstream: str) -> tuple[str, ...]:
        """What the upstream connection may speak, the preferred first: `http1`, `http2`, `http3`.

        `downstream` is what the client speaks. HTTP/1.0 goes on as HTTP/1.1; HTTP/3 as HTTP/2 where it is not set up.
        More than one: ALPN decides.
        """
        if self.use_downstream_protocol_config is not None:
            if downstream == "http3" and not present(self.use_downstream_protocol_config.http3_protocol_options):
                return ("http2",)
            return (downstream if downstream in ("http2", "http3") else "http1",)
        if self.auto_config is not None:
            newest = ("http3",) if present(self.auto_config.http3_protocol_options) else ()
            return (*newest, "http2", "http1")
        explicit = self.explicit_http_config or HttpConfig()
        if present(explicit.http3_protocol_options):
            return ("http3",)
        return ("http2",) if present(explicit.http2_protocol_options) else ("http1",)


def http_protocol_options(cluster: Cluster) -> HttpProtocolOptions | Undecodable:
    """A cluster's options: the extension, else what the older `http2_protocol_options` and `protocol_selection` amount to."""
    raw = cluster.typed_extension_protocol_options.get(KEY)
    if raw is not None and present(raw):
        name, body = unpacked(raw)
        if name not in ("", KEY):
            return Undecodable(f"{name} in the place of {KEY}")
        return decode(body if present(body) else Raw(b"{}"), HttpProtocolOptions)
    config = HttpConfig(http2_protocol_options=cluster.http2_protocol_options)
    older: UpstreamHttpProtocolOptions | Undecodable = UpstreamHttpProtocolOptions()
    if present(cluster.upstream_http_protocol_options):
        older = decode(cluster.upstream_http_protocol_options, UpstreamHttpProtocolOptions)
    if isinstance(older, Undecodable):
        return older
    if cluster.protocol_selection == "USE_DOWNSTREAM_PROTOCOL":
        return HttpProtocolOptions(upstream_http_protocol_options=older, use_downstream_protocol_config=config)
    return HttpProtocolOptions(upstream_http_protocol_options=older, explicit_http_config=config)
