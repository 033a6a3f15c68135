"""Telemetry: traces, metrics and access logs of workloads. https://istio.io/latest/docs/reference/config/telemetry/"""

from __future__ import annotations

from meshscope.istio.objects.selectors import PolicySelector, PolicyTargetReference
from meshscope.istio.objects.status import IstioStatus
from meshscope.typed import Typed


class ProviderRef(Typed, frozen=True):
    """One of the mesh's extensionProviders."""

    name: str = ""


class ModeMatch(Typed, frozen=True):
    """`Tracing.TracingSelector` and `AccessLogging.LogSelector`."""

    mode: str = "CLIENT_AND_SERVER"


class Literal(Typed, frozen=True):
    value: str = ""


class Environment(Typed, frozen=True, rename="camel"):
    name: str = ""
    default_value: str = ""


class RequestHeader(Typed, frozen=True, rename="camel"):
    name: str = ""
    default_value: str = ""


class Formatter(Typed, frozen=True):
    """`value` is in the words of Envoy's access log."""

    value: str = ""


class CustomTag(Typed, frozen=True):
    """One of the four."""

    literal: Literal | None = None
    environment: Environment | None = None
    header: RequestHeader | None = None
    formatter: Formatter | None = None


class Tracing(Typed, frozen=True, rename="camel"):
    """The percentage is from 0 to 100; what is absent is inherited."""

    match: ModeMatch | None = None
    providers: tuple[ProviderRef, ...] = ()
    random_sampling_percentage: float | None = None
    disable_span_reporting: bool | None = None
    disable_context_propagation: bool | None = None
    custom_tags: dict[str, CustomTag] = {}
    use_request_id_for_trace_sampling: bool | None = None
    enable_istio_tags: bool | None = None


class MetricSelector(Typed, frozen=True, rename="camel"):
    """One of the first two."""

    metric: str | None = None
    custom_metric: str | None = None
    mode: str = "CLIENT_AND_SERVER"


class TagOverride(Typed, frozen=True):
    """`value` is an expression in CEL."""

    operation: str = "UPSERT"
    value: str = ""


class MetricsOverrides(Typed, frozen=True, rename="camel"):
    match: MetricSelector | None = None
    disabled: bool | None = None
    tag_overrides: dict[str, TagOverride] = {}


class Metrics(Typed, frozen=True, rename="camel"):
    """`reporting_interval` is a duration."""

    providers: tuple[ProviderRef, ...] = ()
    overrides: tuple[MetricsOverrides, ...] = ()
    reporting_interval: str = ""


class Filter(Typed, frozen=True):
    """`expression` is in CEL."""

    expression: str = ""


class AccessLogging(Typed, frozen=True):
    match: ModeMatch | None = None
    providers: tuple[ProviderRef, ...] = ()
    disabled: bool | None = None
    filter: Filter | None = None


class TelemetrySpec(Typed, frozen=True, rename="camel"):
    selector: PolicySelector | None = None
    target_ref: PolicyTargetReference | None = None
    target_refs: tuple[PolicyTargetReference, ...] = ()
    tracing: tuple[Tracing, ...] = ()
    metrics: tuple[Metrics, ...] = ()
    access_logging: tuple[AccessLogging, ...] = ()


class Telemetry(Typed, frozen=True):
    spec: TelemetrySpec = TelemetrySpec()
    status: IstioStatus = IstioStatus()
