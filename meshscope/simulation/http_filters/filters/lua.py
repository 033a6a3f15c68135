"""`envoy.filters.http.lua`: scripts are not run here, so that only one without a script is known to pass.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/lua_filter
"""

from __future__ import annotations

from meshscope.simulation.http_filters.filter import Configured, Filter, FilterEntry, assumed, passed
from meshscope.xds.http_filter_config import Lua, LuaPerRoute
from meshscope.xds.message import present


def make(entry: FilterEntry, own: Configured, overrides: tuple[Configured, ...]) -> Filter:
    said = overrides[0].message if overrides else None
    if isinstance(said, LuaPerRoute) and said.disabled:
        return lambda request, context: passed(request, context, entry, "off at this route")
    has_own = isinstance(own.message, Lua) and (
        bool(own.message.inline_code) or present(own.message.default_source_code)
    )
    has_script = has_own if said is None else not isinstance(said, LuaPerRoute) or _has_script(said, own)
    if not has_script:
        return lambda request, context: passed(request, context, entry, "no script")
    return lambda request, _: assumed(request, entry, "a script decides, which is not run here")


def _has_script(said: LuaPerRoute, own: Configured) -> bool:
    """A name that no source code has stands for no script."""
    if said.name:
        return isinstance(own.message, Lua) and said.name in own.message.source_codes
    return present(said.source_code)
