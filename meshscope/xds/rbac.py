"""Role-based access control, the same rules for HTTP and for connections; how they read, not how they decide.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/rbac/v3/rbac.proto
https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/rbac/v3/rbac.proto
"""

from __future__ import annotations

from msgspec import Raw

from meshscope.xds.address import CidrRange
from meshscope.xds.extension import Extension
from meshscope.xds.marks import Enum
from meshscope.xds.matcher import FilterStateMatcher, HeaderMatcher, MetadataMatcher, StringMatcher
from meshscope.xds.matcher_message import MatcherMessage, MatcherPart
from meshscope.xds.message import Message


class PathMatcher(MatcherPart, frozen=True):
    path: StringMatcher | None = None


class Int32Range(MatcherPart, frozen=True):
    """`end` is exclusive."""

    start: int = 0
    end: int = 0


class SourcedMetadata(MatcherPart, frozen=True):
    """`metadata_source` is DYNAMIC or ROUTE."""

    metadata_matcher: MetadataMatcher = MetadataMatcher()
    metadata_source: Enum = "DYNAMIC"


class PermissionSet(MatcherPart, frozen=True):
    rules: tuple[Permission, ...] = ()


class Permission(MatcherMessage, frozen=True):
    """What is asked for; one of the fields is set."""

    any: bool | None = None
    and_rules: PermissionSet | None = None
    or_rules: PermissionSet | None = None
    not_rule: Permission | None = None
    header: HeaderMatcher | None = None
    url_path: PathMatcher | None = None
    uri_template: Extension | None = None
    destination_ip: CidrRange | None = None
    destination_port: int | None = None
    destination_port_range: Int32Range | None = None
    metadata: MetadataMatcher | None = None
    sourced_metadata: SourcedMetadata | None = None
    requested_server_name: StringMatcher | None = None
    matcher: Extension | None = None


class Authenticated(MatcherPart, frozen=True):
    """Without a name, any TLS client."""

    principal_name: StringMatcher | None = None


class PrincipalSet(MatcherPart, frozen=True):
    ids: tuple[Principal, ...] = ()


class Principal(MatcherMessage, frozen=True):
    """Who asks; one of the fields is set."""

    any: bool | None = None
    and_ids: PrincipalSet | None = None
    or_ids: PrincipalSet | None = None
    not_id: Principal | None = None
    authenticated: Authenticated | None = None
    source_ip: CidrRange | None = None
    direct_remote_ip: CidrRange | None = None
    remote_ip: CidrRange | None = None
    header: HeaderMatcher | None = None
    url_path: PathMatcher | None = None
    metadata: MetadataMatcher | None = None
    sourced_metadata: SourcedMetadata | None = None
    filter_state: FilterStateMatcher | None = None
    custom: Extension | None = None


class Policy(MatcherMessage, frozen=True):
    """Any permission, any principal and the condition; CEL conditions stay raw."""

    permissions: tuple[Permission, ...] = ()
    principals: tuple[Principal, ...] = ()
    condition: Raw = Raw()
    checked_condition: Raw = Raw()
    cel_config: Raw = Raw()


class Rules(Message, frozen=True):
    """`action` is ALLOW, DENY or LOG; `policies` by name."""

    action: Enum = "ALLOW"
    policies: dict[str, Policy] = {}


class Action(Message, frozen=True):
    """What a matcher tree of RBAC leads to."""

    name: str = ""
    action: Enum = "ALLOW"


class RBAC(Message, frozen=True):
    """The filter of both kinds; `stat_prefix` and `enforcement_type` belong to connections. Matcher trees stay raw."""

    rules: Rules | None = None
    rules_stat_prefix: str = ""
    matcher: Raw = Raw()
    shadow_rules: Rules | None = None
    shadow_matcher: Raw = Raw()
    shadow_rules_stat_prefix: str = ""
    track_per_rule_stats: bool = False
    stat_prefix: str = ""
    enforcement_type: str = "ONE_TIME_ON_FIRST_BYTE"
    delay_deny: str = ""


class RBACPerRoute(Message, frozen=True):
    """Replaces the filter's configuration; without `rbac` the filter is off."""

    rbac: RBAC | None = None
