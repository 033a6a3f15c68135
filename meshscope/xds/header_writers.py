"""Filters that write headers of which no configuration tells the values: GeoIP, Google's and Amazon's authentication.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/geoip/v3/geoip.proto
https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/geoip_providers/common/v3/common.proto
https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/gcp_authn/v3/gcp_authn.proto
https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/aws_request_signing/v3/aws_request_signing.proto
"""

from __future__ import annotations

from msgspec import Raw

from meshscope.xds.extension import Extension
from meshscope.xds.message import Message


class GeoHeaders(Message, frozen=True):
    """The header for each fact, "" where it is not written; the older and the newer spelling of the same."""

    geo_headers_to_add: dict[str, str] = {}
    geo_field_keys: dict[str, str] = {}


class GeoProvider(Message, frozen=True):
    common_provider_config: GeoHeaders = GeoHeaders()


class Geoip(Message, frozen=True):
    provider: Extension = Extension()


class TokenHeader(Message, frozen=True):
    name: str = ""
    value_prefix: str = ""


class GcpAuthn(Message, frozen=True):
    token_header: TokenHeader | None = None


class AwsRequestSigning(Message, frozen=True):
    """`query_string` present: the signature is in the path, not in a header."""

    host_rewrite: str = ""
    query_string: Raw = Raw()


class AwsRequestSigningPerRoute(Message, frozen=True):
    aws_request_signing: AwsRequestSigning = AwsRequestSigning()
