"""Filters that change headers or dynamic metadata for the filters after them.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/header_mutation/v3/header_mutation.proto
https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/header_to_metadata/v3/header_to_metadata.proto
https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/set_metadata/v3/set_metadata.proto
"""

from __future__ import annotations

from typing import Any

from msgspec import Raw

from meshscope.xds.matcher import StringMatcher
from meshscope.xds.message import Message
from meshscope.xds.route_action import HeaderValueOption, RegexMatchAndSubstitute


class KeyMatch(Message, frozen=True):
    key_matcher: StringMatcher | None = None


class Mutation(Message, frozen=True):
    """One of the fields is set."""

    append: HeaderValueOption | None = None
    remove: str = ""
    remove_on_match: KeyMatch | None = None


class Mutations(Message, frozen=True):
    request_mutations: tuple[Mutation, ...] = ()
    query_parameter_mutations: tuple[Raw, ...] = ()


class HeaderMutation(Message, frozen=True):
    mutations: Mutations = Mutations()
    most_specific_header_mutations_wins: bool = False


class HeaderMutationPerRoute(Message, frozen=True):
    mutations: Mutations = Mutations()


class MetadataValue(Message, frozen=True):
    """`value` replaces what the header holds; `type` is STRING, NUMBER or PROTOBUF_VALUE."""

    metadata_namespace: str = ""
    key: str = ""
    value: str = ""
    regex_value_rewrite: RegexMatchAndSubstitute | None = None
    type: str = "STRING"
    encode: str = "NONE"


class HeaderToMetadataRule(Message, frozen=True):
    header: str = ""
    cookie: str = ""
    on_header_present: MetadataValue | None = None
    on_header_missing: MetadataValue | None = None
    remove: bool = False


class HeaderToMetadata(Message, frozen=True):
    request_rules: tuple[HeaderToMetadataRule, ...] = ()


class SetMetadataEntry(Message, frozen=True):
    metadata_namespace: str = ""
    allow_overwrite: bool = False
    value: dict[str, Any] = {}
    typed_value: Raw = Raw()


class SetMetadata(Message, frozen=True):
    """`metadata_namespace` and `value` are the older way to say one entry."""

    metadata: tuple[SetMetadataEntry, ...] = ()
    metadata_namespace: str = ""
    value: dict[str, Any] = {}
