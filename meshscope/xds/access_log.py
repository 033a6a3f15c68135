"""Access logs. https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/accesslog/v3/accesslog.proto"""

from __future__ import annotations

from msgspec import Raw

from meshscope.xds.extension import Extension
from meshscope.xds.message import Message


class AndFilter(Message, frozen=True):
    filters: tuple[AccessLogFilter, ...] = ()


class AccessLogFilter(Message, frozen=True):
    """One of many kinds; these two are those of a CEL expression, which may stand among others."""

    extension_filter: Extension | None = None
    and_filter: AndFilter | None = None


class ExpressionFilter(Message, frozen=True):
    """`envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter`."""

    expression: str = ""


class AccessLog(Message, frozen=True):
    name: str = ""
    filter: AccessLogFilter | None = None
    typed_config: Raw = Raw()


class FileAccessLog(Message, frozen=True):
    """`envoy.extensions.access_loggers.file.v3.FileAccessLog`."""

    path: str = ""
