"""Tracing of a connection manager.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/network/http_connection_manager/v3/http_connection_manager.proto
"""

from __future__ import annotations

from meshscope.xds.extension import Extension
from meshscope.xds.message import Message


class Percentage(Message, frozen=True):
    """From 0 to 100."""

    value: float = 0


class LiteralTag(Message, frozen=True):
    value: str = ""


class NamedTag(Message, frozen=True):
    """A header of the request, or a variable of the environment."""

    name: str = ""
    default_value: str = ""


class CustomTag(Message, frozen=True):
    """One of the others; tags of metadata have none of them."""

    tag: str = ""
    literal: LiteralTag | None = None
    environment: NamedTag | None = None
    request_header: NamedTag | None = None
    value: str = ""


class Tracing(Message, frozen=True):
    """Of the samplings the second decides where the others are at 100; 100 where it is absent."""

    random_sampling: Percentage = Percentage(value=100)
    custom_tags: tuple[CustomTag, ...] = ()
    provider: Extension | None = None
