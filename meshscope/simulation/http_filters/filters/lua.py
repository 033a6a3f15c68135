"""`envoy.filters.http.lua`: scripts are not run here; only a filter without a script is known to pass.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/lua_filter
"""

from __future__ import annotations

from meshscope.simulation.http_filters.filter import Configuration, Filter, FilterEntry, assumed_to_pass, passes
from meshscope.xds.http_filter_config import Lua, LuaPerRoute
from meshscope.xds.message import present


def make(entry: FilterEntry, own: Configuration, overrides: tuple[Configuration, ...]) -> Filter:
    per_route = overrides[0].message if overrides else None
    if isinstance(per_route, LuaPerRoute) and per_route.disabled:
        return lambda request, context: passes(request, context, entry, "disabled on this route")
    has_own = isinstance(own.message, Lua) and (
        bool(own.message.inline_code) or present(own.message.default_source_code)
    )
    has_script = has_own if per_route is None else not isinstance(per_route, LuaPerRoute) or _has_script(per_route, own)
    if not has_script:
        return lambda request, context: passes(request, context, entry, "no script")
    return lambda request, _: assumed_to_pass(request, entry, "its script is not run here")


def _has_script(per_route: LuaPerRoute, own: Configuration) -> bool:
    """A name that is not in `source_codes` means no script."""
    if per_route.name:
        return isinstance(own.message, Lua) and per_route.name in own.message.source_codes
    return present(per_route.source_code)
