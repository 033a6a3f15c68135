"""`local_reply_config` of a connection manager: what is made of answers that Envoy itself gives.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/local_reply
https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/accesslog/v3/accesslog.proto
"""

from __future__ import annotations

from msgspec import Raw

from meshscope.xds.marks import Enum
from meshscope.xds.matcher import HeaderMatcher
from meshscope.xds.matcher_message import MatcherMessage, MatcherPart
from meshscope.xds.message import Message
from meshscope.xds.route_action import HeaderValueOption
from meshscope.xds.route_match import FractionalPercent


class RuntimeUInt32(MatcherPart, frozen=True):
    default_value: int = 0
    runtime_key: str = ""


class ComparisonFilter(MatcherPart, frozen=True):
    """`op` is EQ, GE, LE or NE."""

    op: Enum = "EQ"
    value: RuntimeUInt32 = RuntimeUInt32()


class StatusCodeFilter(MatcherPart, frozen=True):
    comparison: ComparisonFilter = ComparisonFilter()


class RuntimeFilter(MatcherPart, frozen=True):
    runtime_key: str = ""
    percent_sampled: FractionalPercent = FractionalPercent()
    use_independent_randomness: bool = False


class HeaderFilter(MatcherPart, frozen=True):
    header: HeaderMatcher = HeaderMatcher()


class ResponseFlagFilter(MatcherPart, frozen=True):
    """No flags: any flag at all."""

    flags: tuple[str, ...] = ()


class AndFilter(MatcherPart, frozen=True):
    filters: tuple[AccessLogFilter, ...] = ()


class OrFilter(MatcherPart, frozen=True):
    filters: tuple[AccessLogFilter, ...] = ()


class AccessLogFilter(MatcherMessage, frozen=True):
    """One of these, or another one that is not typed here."""

    status_code_filter: StatusCodeFilter | None = None
    runtime_filter: RuntimeFilter | None = None
    header_filter: HeaderFilter | None = None
    response_flag_filter: ResponseFlagFilter | None = None
    and_filter: AndFilter | None = None
    or_filter: OrFilter | None = None


class ResponseMapper(Message, frozen=True):
    """`status_code` None leaves the status as it is."""

    filter: AccessLogFilter = AccessLogFilter()
    status_code: int | None = None
    body: Raw = Raw()
    body_format_override: Raw = Raw()
    headers_to_add: tuple[HeaderValueOption, ...] = ()


class LocalReplyConfig(Message, frozen=True):
    mappers: tuple[ResponseMapper, ...] = ()
    body_format: Raw = Raw()
