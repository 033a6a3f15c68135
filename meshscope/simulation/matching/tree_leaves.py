"""Matchers that may stand in a matcher tree: IP ranges, server names, metadata; which of their entries apply, best first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from ipaddress import ip_address, ip_network
from typing import Any, TypeVar

from msgspec import Struct

from meshscope.simulation.connection import Envoy
from meshscope.simulation.matching.consistent_hashing import consistent_hashing_matches
from meshscope.simulation.matching.value import value_at, value_matches
from meshscope.simulation.verdict import NO, YES, Verdict, unknown
from meshscope.xds.address import CidrRange
from meshscope.xds.extension import Extension
from meshscope.xds.matcher_message import ExtensionMatcher
from meshscope.xds.matcher_tree import ConsistentHashing, IpInputMatcher, IpMatcher, OnMatch, ServerNameMatcher
from meshscope.xds.message import Undecodable, decode
from meshscope.xds.value_matcher import DynamicMetadataInput, MetadataInputMatcher

IP_MATCHER = "xds.type.matcher.v3.IPMatcher"
SERVER_NAME_MATCHER = "xds.type.matcher.v3.ServerNameMatcher"
_METADATA = "envoy.extensions.matching.input_matchers.metadata.v3.Metadata"
_METADATA_INPUT = "envoy.extensions.matching.common_inputs.network.v3.DynamicMetadataInput"


class Leaf(Struct, frozen=True):
    """`exclusive`: counts only if it is the best one."""

    on_match: OnMatch
    exclusive: bool = False


E = TypeVar("E", bound=ExtensionMatcher)


def _read(extension: Extension, kind: type[E]) -> E | Undecodable:
    """An extension with a field that is not known decides as little as one that does not read."""
    found = decode(extension.typed_config, kind)
    return Undecodable(found.doubt) if not isinstance(found, Undecodable) and found.unread else found


def ip_leaves(matcher: Extension, value: str) -> Iterator[Leaf] | Undecodable:
    """The longest range first, equal ones in their order; none for text that is not an address."""
    found = _read(matcher, IpMatcher)
    if isinstance(found, Undecodable):
        return found
    ranked = [
        (-cidr.prefix_len, Leaf(entry.on_match, entry.exclusive))
        for entry in found.range_matchers
        for cidr in entry.ranges
        if in_range(cidr, value)
    ]
    ranked.sort(key=lambda pair: pair[0])
    return (leaf for _, leaf in ranked)


def server_name_leaves(matcher: Extension, value: str) -> Iterator[Leaf] | Undecodable:
    """The exact name, then `*.suffix` from the longest, then `*`. An empty name matches nothing."""
    found = _read(matcher, ServerNameMatcher)
    if isinstance(found, Undecodable):
        return found
    entries = {domain: entry.on_match for entry in reversed(found.domain_matchers) for domain in entry.domains}
    return (Leaf(entries[name]) for name in _wider(value) if name in entries)


def _wider(name: str) -> Iterator[str]:
    if not name:
        return
    yield name
    while "." in name:
        name = name.partition(".")[2]
        yield f"*.{name}"
    yield "*"


def in_range(cidr: CidrRange, address: str) -> bool:
    try:
        return ip_address(address) in ip_network(f"{cidr.address_prefix}/{cidr.prefix_len}", strict=False)
    except ValueError:
        return False


def custom_matches(
    matcher: Extension, value: Extension | str | None, metadata: Mapping[str, Any], envoy: Envoy
) -> Verdict | None:
    """A `custom_match` on an input that is no text (`value` is the input itself), or on its text. None: not modelled."""
    name = matcher.type_name
    if isinstance(value, Extension):
        if name != _METADATA or value.type_name != _METADATA_INPUT:
            return None
        return _metadata_matches(matcher, value, metadata, envoy)
    kind = INPUT_MATCHERS.get(name)
    if kind is None:
        return None
    read = _read(matcher, kind[0])
    if isinstance(read, Undecodable):
        return unknown(f"{name}: {read.why}")
    return NO if value is None else kind[1](read, value)


def _in_ranges(matcher: IpInputMatcher, value: str) -> Verdict:
    return YES if any(in_range(cidr, value) for cidr in matcher.cidr_ranges) else NO


_INPUT = "envoy.extensions.matching.input_matchers."
INPUT_MATCHERS: dict[str, tuple[type[ExtensionMatcher], Callable[[Any, str], Verdict]]] = {
    f"{_INPUT}ip.v3.Ip": (IpInputMatcher, _in_ranges),
    f"{_INPUT}consistent_hashing.v3.ConsistentHashing": (ConsistentHashing, consistent_hashing_matches),
}
"""Matchers on the text of an input, by their type: how each is read and decides. An absent input matches nothing."""


def _metadata_matches(matcher: Extension, value: Extension, metadata: Mapping[str, Any], envoy: Envoy) -> Verdict:
    wanted, where = _read(matcher, MetadataInputMatcher), _read(value, DynamicMetadataInput)
    if isinstance(wanted, Undecodable):
        return unknown(f"metadata matcher: {wanted.why}")
    if isinstance(where, Undecodable):
        return unknown(f"metadata input: {where.why}")
    there = value_at(metadata, where.filter, (segment.key for segment in where.path))
    verdict = value_matches(wanted.value, there, envoy)
    return ~verdict if wanted.invert else verdict
