"""Extensions that find the client's address where the peer's own does not count.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/http/original_ip_detection/xff/v3/xff.proto
https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/http/original_ip_detection/custom_header/v3/custom_header.proto
"""

from __future__ import annotations

from meshscope.xds.address import CidrRange
from meshscope.xds.message import Message


class XffTrustedCidrs(Message, frozen=True):
    cidrs: tuple[CidrRange, ...] = ()


class XffConfig(Message, frozen=True):
    """`skip_xff_append` is true unless it is written."""

    xff_num_trusted_hops: int = 0
    xff_trusted_cidrs: XffTrustedCidrs | None = None
    skip_xff_append: bool = True


class HttpStatus(Message, frozen=True):
    """A name (`Forbidden`) or a number."""

    code: str | int = ""


class CustomHeaderConfig(Message, frozen=True):
    header_name: str = ""
    allow_extension_to_set_address_as_trusted: bool = False
    reject_with_status: HttpStatus | None = None
