"""One entry of a `typed_per_filter_config`: a configuration for a filter, or the wrapper that turns it off or on.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-filterconfig
"""

from __future__ import annotations

from msgspec import Raw, Struct

from meshscope.location import Location
from meshscope.simulation.http_filters.filter import Configuration
from meshscope.xds.extension import Extension
from meshscope.xds.http_filter_config import FilterConfig
from meshscope.xds.message import Message, Undecodable


class PerRoute(Struct, frozen=True):
    """`configuration` None: the entry only turns the filter off or on. `fault` says why an entry cannot be read."""

    disabled: bool = False
    configuration: Configuration | None = None
    fault: str = ""


def read_per_route(raw: Raw, location: Location | None) -> PerRoute:
    config = Extension(typed_config=raw).config
    if isinstance(config, FilterConfig):
        if config.disabled:
            return PerRoute(disabled=True)
        inner = Extension(typed_config=config.config)
        if not inner.type_name:
            return PerRoute()
        location = location and location / "config"
        config = inner.config
    if isinstance(config, Message):
        return PerRoute(configuration=Configuration(config, location))
    if isinstance(config, Undecodable):
        return PerRoute(fault=config.why)
    return PerRoute(fault=f"the route's configuration {config.type_name or 'without a type'} is not modelled")
