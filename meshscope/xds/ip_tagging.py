"""Tags for the ranges in which clients are.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/ip_tagging/v3/ip_tagging.proto
"""

from __future__ import annotations

from msgspec import Raw

from meshscope.xds.address import CidrRange
from meshscope.xds.message import Message


class IpTag(Message, frozen=True):
    ip_tag_name: str = ""
    ip_list: tuple[CidrRange, ...] = ()


class IpTagHeader(Message, frozen=True):
    """`action` is SANITIZE (only the tags are left) or APPEND_IF_EXISTS_OR_ADD."""

    header: str = ""
    action: str = "SANITIZE"


class IpTagging(Message, frozen=True):
    """`request_type` is BOTH, INTERNAL or EXTERNAL."""

    request_type: str = "BOTH"
    ip_tags: tuple[IpTag, ...] = ()
    ip_tag_header: IpTagHeader | None = None
    ip_tags_file_provider: Raw = Raw()
