"""The fault filter.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/fault/v3/fault.proto
"""

from __future__ import annotations

from msgspec import Raw

from meshscope.xds.matcher import HeaderMatcher
from meshscope.xds.message import Message
from meshscope.xds.route_match import FractionalPercent


class FaultDelay(Message, frozen=True):
    """`fixed_delay`, or `header_delay`: the client says how long."""

    fixed_delay: str = ""
    header_delay: Raw = Raw()
    percentage: FractionalPercent = FractionalPercent()


class FaultAbort(Message, frozen=True):
    """`http_status`, `grpc_status`, or `header_abort`: the client says which."""

    http_status: int | None = None
    grpc_status: int | None = None
    header_abort: Raw = Raw()
    percentage: FractionalPercent = FractionalPercent()


class HTTPFault(Message, frozen=True):
    """The runtime fields name keys that replace the usual ones."""

    delay: FaultDelay | None = None
    abort: FaultAbort | None = None
    upstream_cluster: str = ""
    headers: tuple[HeaderMatcher, ...] = ()
    downstream_nodes: tuple[str, ...] = ()
    max_active_faults: int | None = None
    delay_percent_runtime: str = ""
    abort_percent_runtime: str = ""
    delay_duration_runtime: str = ""
    abort_http_status_runtime: str = ""
    abort_grpc_status_runtime: str = ""
    max_active_faults_runtime: str = ""
