"""MeshConfig: in /debug/mesh, in a file, or in the ConfigMap `istio` under its key `mesh`.

https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/ describes each field. An absent field has the
mesh's default (pkg/config/mesh/mesh.go), because files and ConfigMaps contain only what differs from it.
"""

from __future__ import annotations

from msgspec import Raw, Struct
from msgspec.structs import replace

from meshscope.istio.decoding import decode_slice
from meshscope.istio.manifest import Object
from meshscope.location import Document
from meshscope.snapshot.json_text import GarbledError, values_of
from meshscope.snapshot.snapshot import Problem


class TrafficPolicy(Struct, frozen=True):
    """`mode` is ALLOW_ANY or REGISTRY_ONLY outbound, PASSTHROUGH or LOCALHOST inbound; "" is the default."""

    mode: str = ""


class FileAccessLog(Struct, frozen=True, rename="camel"):
    path: str = "/dev/stdout"


class ExtensionProvider(Struct, frozen=True, rename="camel"):
    """One of the others is present; what is not of these kinds has none."""

    name: str = ""
    envoy_file_access_log: FileAccessLog | None = None
    envoy_otel_als: Raw = Raw()
    envoy_http_als: Raw = Raw()
    envoy_tcp_als: Raw = Raw()
    prometheus: Raw = Raw()
    zipkin: Raw = Raw()
    opentelemetry: Raw = Raw()
    datadog: Raw = Raw()
    skywalking: Raw = Raw()
    opencensus: Raw = Raw()
    lightstep: Raw = Raw()
    stackdriver: Raw = Raw()


_DEFAULT_PROVIDERS = (
    ExtensionProvider(name="prometheus", prometheus=Raw(b"{}")),
    ExtensionProvider(name="stackdriver", stackdriver=Raw(b"{}")),
    ExtensionProvider(name="envoy", envoy_file_access_log=FileAccessLog()),
)
"""Every mesh has them, unless it gives their names to others (pkg/config/mesh/mesh.go)."""


class DefaultProviders(Struct, frozen=True, rename="camel"):
    """Names of extension providers, for objects that name none."""

    tracing: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    access_logging: tuple[str, ...] = ()


class LocalityLbSetting(Struct, frozen=True, rename="camel"):
    enabled: bool = True
    distribute: Raw = Raw()
    failover: Raw = Raw()
    failover_priority: Raw = Raw()

    @property
    def is_plain(self) -> bool:
        """Whether it says no more than that it is on."""
        return not any(
            bytes(one) not in (b"", b"null", b"[]") for one in (self.distribute, self.failover, self.failover_priority)
        )


class MeshConfig(Struct, frozen=True, rename="camel"):
    """Durations are in protobuf's text form (`10s`)."""

    trust_domain: str = "cluster.local"
    h2_upgrade_policy: str = "DO_NOT_UPGRADE"
    trust_domain_aliases: tuple[str, ...] = ()
    root_namespace: str = "istio-system"
    outbound_traffic_policy: TrafficPolicy = TrafficPolicy()
    inbound_traffic_policy: TrafficPolicy = TrafficPolicy()
    enable_auto_mtls: bool = True
    proxy_listen_port: int = 15001
    proxy_inbound_listen_port: int = 15006
    proxy_http_port: int = 0
    connect_timeout: str = "10s"
    protocol_detection_timeout: str = "0s"
    default_service_export_to: tuple[str, ...] = ("*",)
    default_virtual_service_export_to: tuple[str, ...] = ("*",)
    default_destination_rule_export_to: tuple[str, ...] = ("*",)
    locality_lb_setting: LocalityLbSetting = LocalityLbSetting()
    ingress_class: str = "istio"
    ingress_service: str = "istio-ingressgateway"
    ingress_selector: str = "ingressgateway"
    ingress_controller_mode: str = "STRICT"
    access_log_file: str = ""
    access_log_format: str = ""
    access_log_encoding: str = "TEXT"
    enable_envoy_access_log_service: bool = False
    extension_providers: tuple[ExtensionProvider, ...] = ()
    default_providers: DefaultProviders = DefaultProviders()
    path_normalization: Raw = Raw()
    discovery_selectors: Raw = Raw()
    default_http_retry_policy: Raw = Raw()

    @property
    def providers(self) -> tuple[ExtensionProvider, ...]:
        """Those that are written, and the mesh's defaults, which a file does not repeat."""
        written = {one.name for one in self.extension_providers}
        return (*self.extension_providers, *(one for one in _DEFAULT_PROVIDERS if one.name not in written))


def read_mesh_config(body: Raw, document: str) -> MeshConfig | Problem:
    return decode_slice(body, MeshConfig, document)


def read_debug_mesh(body: Raw, document: str) -> MeshConfig | Problem:
    """istiod's own answer, which leaves out what is zero: REGISTRY_ONLY is the zero of its enumeration, and not the default.

    https://github.com/istio/api/blob/master/mesh/v1alpha1/config.proto (OutboundTrafficPolicy.Mode)
    """
    config = read_mesh_config(body, document)
    if isinstance(config, Problem) or config.outbound_traffic_policy.mode:
        return config
    return replace(config, outbound_traffic_policy=TrafficPolicy("REGISTRY_ONLY"))


class _Data(Struct, frozen=True):
    mesh: str | None = None


class _ConfigMap(Struct, frozen=True):
    data: _Data = _Data()


def mesh_config_of(config_map: Object) -> MeshConfig | Problem | None:
    """The MeshConfig in an `istio` (or `istio-REVISION`) ConfigMap; None if it contains none."""
    content = decode_slice(config_map.body, _ConfigMap, config_map.location.document.name, f"{config_map} data")
    if isinstance(content, Problem):
        return content
    if content.data.mesh is None:
        return None
    name = f"{config_map.location.document.name} ({config_map} data.mesh)"
    if not content.data.mesh.strip():
        return MeshConfig()
    try:
        values = values_of(Document.of(name, content.data.mesh.encode()))
    except GarbledError as error:
        return Problem(name, str(error))
    return read_mesh_config(values[0], name) if values else MeshConfig()
