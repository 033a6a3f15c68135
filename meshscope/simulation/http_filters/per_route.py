"""What one level of a route says to one filter: a configuration, or the wrapper that turns the filter off or on.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-filterconfig
"""

from __future__ import annotations

from msgspec import Raw, Struct

from meshscope.location import Location
from meshscope.simulation.http_filters.filter import Configured
from meshscope.xds.extension import Extension
from meshscope.xds.http_filter_config import FilterConfig
from meshscope.xds.message import Message, Undecodable


class PerFilter(Struct, frozen=True):
    """`configured` None: nothing but that the filter is off or on. `why` says what does not read."""

    disabled: bool = False
    configured: Configured | None = None
    why: str = ""


def per_filter(raw: Raw, location: Location | None) -> PerFilter:
    """One entry of a `typed_per_filter_config`."""
    config = Extension(typed_config=raw).config
    if isinstance(config, FilterConfig):
        if config.disabled:
            return PerFilter(disabled=True)
        inner = Extension(typed_config=config.config)
        if not inner.type_name:
            return PerFilter()
        location = location and location / "config"
        config = inner.config
    if isinstance(config, Message):
        return PerFilter(configured=Configured(config, location))
    if isinstance(config, Undecodable):
        return PerFilter(why=config.why)
    return PerFilter(configured=Configured(Unread(type_name=config.type_name), location))


class Unread(Message, frozen=True):
    """A route's configuration of a type that is not read."""

    type_name: str = ""
