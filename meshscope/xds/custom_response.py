"""Other answers in the place of certain ones.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/custom_response/v3/custom_response.proto
"""

from __future__ import annotations

from meshscope.xds.matcher_tree import Matcher
from meshscope.xds.message import Message
from meshscope.xds.route_action import HeaderValueOption

LOCAL = "envoy.extensions.http.custom_response.local_response_policy.v3.LocalResponsePolicy"


class CustomResponse(Message, frozen=True):
    custom_response_matcher: Matcher | None = None


class LocalResponsePolicy(Message, frozen=True):
    """`status_code` None keeps that of the answer."""

    status_code: int | None = None
    response_headers_to_add: tuple[HeaderValueOption, ...] = ()
