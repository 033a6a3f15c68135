"""Listener filters: what looks at a connection before its filter chain is chosen, and where it does not.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/listener/v3/listener_components.proto#config-listener-v3-listenerfilter
"""

from __future__ import annotations

from meshscope.xds.extension import Extension
from meshscope.xds.matcher_message import MatcherMessage, MatcherPart
from meshscope.xds.message import Message


class PortRange(MatcherPart, frozen=True):
    """`end` is not part of it."""

    start: int = 0
    end: int = 0


class PredicateSet(MatcherPart, frozen=True):
    rules: tuple[ListenerFilterPredicate, ...] = ()


class ListenerFilterPredicate(MatcherMessage, frozen=True):
    """ListenerFilterChainMatchPredicate: one of its fields is set."""

    or_match: PredicateSet | None = None
    and_match: PredicateSet | None = None
    not_match: ListenerFilterPredicate | None = None
    any_match: bool = False
    destination_port_range: PortRange | None = None


class ListenerFilter(Extension, frozen=True, dict=True):
    filter_disabled: ListenerFilterPredicate | None = None


class TlsInspector(Message, frozen=True):
    close_connection_on_client_hello_parsing_errors: bool | None = None


class TlvTarget(Message, frozen=True):
    """ProxyProtocol.KeyValuePair: where the value of a TLV is written."""

    metadata_namespace: str = ""
    key: str = ""


class TlvRule(Message, frozen=True):
    tlv_type: int = 0
    on_tlv_present: TlvTarget = TlvTarget()


class ProxyProtocol(Message, frozen=True):
    allow_requests_without_proxy_protocol: bool = False
    rules: tuple[TlvRule, ...] = ()
