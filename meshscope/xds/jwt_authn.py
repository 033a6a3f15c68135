"""The JWT filter: providers, requirements and the rules that lead to them.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/jwt_authn/v3/config.proto
"""

from __future__ import annotations

from msgspec import Raw

from meshscope.xds.data_source import DataSource
from meshscope.xds.matcher import StringMatcher
from meshscope.xds.message import Message
from meshscope.xds.route_match import RouteMatch


class JwtHeader(Message, frozen=True):
    name: str = ""
    value_prefix: str = ""


class JwtClaimToHeader(Message, frozen=True):
    header_name: str = ""
    claim_name: str = ""


class NormalizePayload(Message, frozen=True):
    space_delimited_claims: tuple[str, ...] = ()


class JwtProvider(Message, frozen=True):
    """Keys are `local_jwks` or `remote_jwks`; without locations the defaults count."""

    issuer: str = ""
    audiences: tuple[str, ...] = ()
    subjects: StringMatcher | None = None
    require_expiration: bool = False
    max_lifetime: str = ""
    remote_jwks: Raw = Raw()
    local_jwks: DataSource | None = None
    forward: bool = False
    from_headers: tuple[JwtHeader, ...] = ()
    from_params: tuple[str, ...] = ()
    from_cookies: tuple[str, ...] = ()
    forward_payload_header: str = ""
    pad_forward_payload_header: bool = False
    payload_in_metadata: str = ""
    header_in_metadata: str = ""
    failed_status_in_metadata: str = ""
    normalize_payload_in_metadata: NormalizePayload = NormalizePayload()
    clock_skew_seconds: int = 0
    claim_to_headers: tuple[JwtClaimToHeader, ...] = ()
    clear_route_cache: bool = False


class ProviderWithAudiences(Message, frozen=True):
    provider_name: str = ""
    audiences: tuple[str, ...] = ()


class JwtRequirements(Message, frozen=True):
    requirements: tuple[JwtRequirement, ...] = ()


class JwtRequirement(Message, frozen=True):
    """One of the fields is set."""

    provider_name: str = ""
    provider_and_audiences: ProviderWithAudiences | None = None
    requires_any: JwtRequirements | None = None
    requires_all: JwtRequirements | None = None
    allow_missing_or_failed: Raw = Raw()
    allow_missing: Raw = Raw()
    extract_only_without_validation: Raw = Raw()


class RequirementRule(Message, frozen=True):
    """Of `match` the path, headers and query parameters count, nothing else."""

    match: RouteMatch = RouteMatch()
    requires: JwtRequirement | None = None
    requirement_name: str = ""


class JwtAuthentication(Message, frozen=True):
    providers: dict[str, JwtProvider] = {}
    rules: tuple[RequirementRule, ...] = ()
    filter_state_rules: Raw = Raw()
    bypass_cors_preflight: bool = False
    requirement_map: dict[str, JwtRequirement] = {}
    strip_failure_response: bool = False


class PerRouteConfig(Message, frozen=True):
    disabled: bool | None = None
    requirement_name: str = ""
