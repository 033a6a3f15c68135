"""Filter state that is set from the configuration.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/set_filter_state/v3/set_filter_state.proto
"""

from __future__ import annotations

from msgspec import Raw

from meshscope.xds.message import Message


class SetFilterState(Message, frozen=True):
    on_request_headers: tuple[Raw, ...] = ()
    clear_route_cache: bool = False
