"""Cross-origin requests: what the CORS and the CSRF filter ask.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/cors/v3/cors.proto
https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/csrf/v3/csrf.proto
"""

from __future__ import annotations

from meshscope.xds.matcher import StringMatcher
from meshscope.xds.message import Message
from meshscope.xds.route_match import RuntimeFractionalPercent


class Cors(Message, frozen=True):
    """The filter has no settings; the policy is the route's."""


class CorsPolicy(Message, frozen=True):
    """Also the older `cors` field of routes and virtual hosts. Absent fields are asked of the less specific policy."""

    allow_origin_string_match: tuple[StringMatcher, ...] = ()
    allow_methods: str = ""
    allow_headers: str = ""
    expose_headers: str = ""
    max_age: str = ""
    allow_credentials: bool | None = None
    filter_enabled: RuntimeFractionalPercent | None = None
    shadow_enabled: RuntimeFractionalPercent | None = None
    forward_not_matching_preflights: bool | None = None


class CsrfPolicy(Message, frozen=True):
    filter_enabled: RuntimeFractionalPercent = RuntimeFractionalPercent()
    shadow_enabled: RuntimeFractionalPercent | None = None
    additional_origins: tuple[StringMatcher, ...] = ()
