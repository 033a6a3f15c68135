"""How clients connect to a host, a subset or a port of either.

https://istio.io/latest/docs/reference/config/networking/destination-rule/#TrafficPolicy
"""

from __future__ import annotations

from msgspec import field

from meshscope.istio.objects.connection_pool import ConnectionPoolSettings
from meshscope.istio.objects.destination import PortSelector
from meshscope.istio.objects.load_balancer import LoadBalancerSettings
from meshscope.typed import Typed


class OutlierDetection(Typed, frozen=True, rename="camel"):
    """Times are durations, percentages from 0 to 100. Istio ignores `consecutive_errors`."""

    consecutive_errors: int = 0
    split_external_local_origin_errors: bool = False
    consecutive_local_origin_failures: int | None = None
    consecutive_gateway_errors: int | None = None
    consecutive_5xx_errors: int | None = field(default=None, name="consecutive5xxErrors")
    interval: str = ""
    base_ejection_time: str = ""
    max_ejection_percent: int = 0
    min_health_percent: int = 0
    outlier_detection_http_error_codes: tuple[int, ...] = ()


class ClientTLSSettings(Typed, frozen=True, rename="camel"):
    """Certificates are files, or the Secret `credential_name`."""

    mode: str = "DISABLE"
    client_certificate: str = ""
    private_key: str = ""
    ca_certificates: str = ""
    credential_name: str = ""
    subject_alt_names: tuple[str, ...] = ()
    sni: str = ""
    insecure_skip_verify: bool | None = None
    ca_crl: str = ""


class TunnelSettings(Typed, frozen=True, rename="camel"):
    """An empty `protocol` is CONNECT."""

    protocol: str = ""
    target_host: str = ""
    target_port: int = 0


class ProxyProtocol(Typed, frozen=True):
    version: str = "V1"


class RetryBudget(Typed, frozen=True, rename="camel"):
    """`percent` from 0 to 100, `budget_interval` a duration."""

    percent: float | None = None
    min_retry_concurrency: int = 0
    budget_interval: str = ""


class PortTrafficPolicy(Typed, frozen=True, rename="camel"):
    """Of one port. Members that it does not set are *not* inherited from the policy around it."""

    port: PortSelector | None = None
    load_balancer: LoadBalancerSettings | None = None
    connection_pool: ConnectionPoolSettings | None = None
    outlier_detection: OutlierDetection | None = None
    tls: ClientTLSSettings | None = None


class TrafficPolicy(Typed, frozen=True, rename="camel"):
    load_balancer: LoadBalancerSettings | None = None
    connection_pool: ConnectionPoolSettings | None = None
    outlier_detection: OutlierDetection | None = None
    tls: ClientTLSSettings | None = None
    port_level_settings: tuple[PortTrafficPolicy, ...] = ()
    tunnel: TunnelSettings | None = None
    proxy_protocol: ProxyProtocol | None = None
    retry_budget: RetryBudget | None = None
