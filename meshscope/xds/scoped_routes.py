"""Scoped routes: which of several route configurations a request gets, by a key that is built of its headers.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/scoped_route.proto
https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/network/http_connection_manager/v3/http_connection_manager.proto
"""

from __future__ import annotations

from msgspec import Raw

from meshscope.xds.message import Message


class KvElement(Message, frozen=True):
    separator: str = ""
    key: str = ""


class HeaderValueExtractor(Message, frozen=True):
    """One of `index` and `element`. Without an `element_separator` the whole value is the only element."""

    name: str = ""
    element_separator: str = ""
    index: int | None = None
    element: KvElement | None = None


class FragmentBuilder(Message, frozen=True):
    header_value_extractor: HeaderValueExtractor | None = None


class ScopeKeyBuilder(Message, frozen=True):
    fragments: tuple[FragmentBuilder, ...] = ()


class KeyFragment(Message, frozen=True):
    string_key: str = ""


class ScopeKey(Message, frozen=True):
    fragments: tuple[KeyFragment, ...] = ()


class ScopedRouteConfiguration(Message, frozen=True):
    """Its table by RDS (`route_configuration_name`) or inline (`route_configuration`), which stays raw."""

    on_demand: bool = False
    name: str = ""
    route_configuration_name: str = ""
    route_configuration: Raw = Raw()
    key: ScopeKey = ScopeKey()
