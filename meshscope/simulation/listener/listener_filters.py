"""The facts that listener filters detect about a connection before a filter chain is chosen.

https://www.envoyproxy.io/docs/envoy/latest/configuration/listeners/listener_filters/listener_filters
The result is the client's connection as the chain match sees it: SNI, ALPN and transport protocol are empty unless a filter
detects them. Facts about the client itself (`tls`, its certificate) stay. A port in `filter_disabled` is the local port at the
time when the filter runs.
https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/listener/v3/listener_components.proto#config-listener-v3-listenerfilterchainmatchpredicate
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from meshscope.location import Location
from meshscope.simulation.connection import Connection, Envoy
from meshscope.simulation.dynamic_metadata import LB
from meshscope.simulation.endings import CLOSED
from meshscope.simulation.listener.choice import canonical
from meshscope.simulation.matching.string import NEWEST
from meshscope.simulation.outcome import Outcome
from meshscope.simulation.trace import Step, StepKind
from meshscope.simulation.verdict import NO, Truth, Verdict, all_of, any_of, no, unknown, yes
from meshscope.xds.extension import unpacked
from meshscope.xds.listener import Listener
from meshscope.xds.listener_filter import (
    ListenerFilter,
    ListenerFilterPredicate,
    PortRange,
    ProxyProtocol,
    TlsInspector,
)
from meshscope.xds.message import decode, present

_KINDS = ("tls_inspector", "http_inspector", "original_dst", "original_src", "proxy_protocol")
_HTTP_VERSIONS = {"http1": "http/1.1", "http1.0": "http/1.0", "http2": "h2c"}
_WILDCARDS = ("0.0.0.0", "::")  # noqa: S104  # what a configuration says, nothing is bound here
Address = tuple[str | None, int | None]


class _Filter(Struct, frozen=True):
    """`kind` "": the filter is not modelled."""

    kind: str
    filter: ListenerFilter
    location: Location | None
    config: Any = None


class _Facts(Struct):
    """The facts that filters have detected so far. `local_address` may have been restored by a filter."""

    local_address: Address
    transport_protocol: str = ""
    sni: str = ""
    alpn: tuple[str, ...] = ()
    restored: bool = False
    lb_keys: tuple[str, ...] = ()


class ListenerFilters:
    """A listener's filters in their order; build it once for each configuration."""

    def __init__(self, listener: Listener, location: Location | None = None) -> None:
        filters = [
            _read_filter(each, location.below(("listener_filters", index)) if location else None)
            for index, each in enumerate(listener.listener_filters)
            if not each.disabled
        ]
        if listener.use_original_dst:
            at = location / "use_original_dst" if location else None
            filters.append(_Filter("original_dst", ListenerFilter(name="use_original_dst"), at))
        first = listener.filter_chains[0] if listener.filter_chains else listener.default_filter_chain
        if first and first.use_proxy_proto:
            filters.append(_Filter("proxy_protocol", ListenerFilter(name="use_proxy_proto"), location, ProxyProtocol()))
        self._filters = tuple(filters)
        sockets = (address.socket_address for address in listener.addresses)
        self._own = frozenset((canonical(one.address), one.port_value) for one in sockets if one)
        self._lacks_inspector = _needs_inspector(listener) and all(each.kind != "tls_inspector" for each in filters)

    def detect(
        self,
        client: Connection,
        *,
        entry_connection: Connection | None = None,
        accepted_at: Address | None = None,
        envoy: Envoy = NEWEST,
        explain: bool = True,
    ) -> Outcome[Connection]:
        """`client` is the connection as the client opened it, with its original destination. `accepted_at` is the address of
        the socket, if that is another one. `entry_connection` is the connection as the filters of an entry listener left it
        before the hand-off; the facts that they detected still count.
        """
        facts = _Facts(accepted_at or (client.destination_ip, client.destination_port))
        if entry_connection:
            facts.transport_protocol = entry_connection.transport_protocol
            facts.sni, facts.alpn = entry_connection.sni, entry_connection.alpn
            facts.restored = bool(entry_connection.restored)
            facts.lb_keys = entry_connection.lb_keys
        reader = self._proxy_protocol_reader(client)
        steps: list[Step] = []
        assuming: list[str] = []
        for index, each in enumerate(self._filters_in(envoy)):
            off = is_disabled(each.filter.filter_disabled, facts.local_address[1], is_ip=client.is_ip)
            if off.is_yes:
                because = f"disabled: {off.because}"
            else:
                if off.is_unknown:
                    assuming.append(f"listener filter {each.filter.name} is not disabled: {off.because}")
                because = self._run(each, client, facts, assuming, hidden=index < reader)
                facts.restored = facts.restored or self._restores(each, client)
            if explain:
                verdict = Truth.YES if each.kind or off.is_yes else Truth.UNKNOWN
                steps.append(_step(each, verdict, because))
            if because == _CLOSES:
                return Outcome(CLOSED, steps=tuple(steps), assuming=tuple(assuming))
        connection = replace(
            client,
            destination_ip=facts.local_address[0],
            destination_port=facts.local_address[1],
            transport_protocol=facts.transport_protocol,
            sni=facts.sni,
            alpn=facts.alpn,
            restored=facts.restored,
            lb_keys=facts.lb_keys,
        )
        return Outcome(connection, steps=tuple(steps), assuming=tuple(assuming))

    def _restores(self, each: _Filter, client: Connection) -> bool:
        """Whether the filter sets the local address: to another than the socket's own, at which the client may be, too."""
        here = canonical(client.destination_ip or ""), client.destination_port
        if each.kind == "proxy_protocol":
            return client.direct_source_ip is not None and here not in self._own
        is_own = here in self._own or any((wildcard, here[1]) in self._own for wildcard in _WILDCARDS)
        return each.kind == "original_dst" and not is_own

    def _filters_in(self, envoy: Envoy) -> tuple[_Filter, ...]:
        """Envoy before 1.17 appends a tls_inspector where a chain matches its facts and the listener has none."""
        if not self._lacks_inspector or (not envoy.version or envoy.version >= (1, 20)):
            return self._filters
        if envoy.at_least(1, 17) and envoy.guard("disable_tls_inspector_injection", default=True):
            return self._filters
        return (
            *self._filters,
            _Filter("tls_inspector", ListenerFilter(name="envoy.filters.listener.tls_inspector"), None),
        )

    def _proxy_protocol_reader(self, client: Connection) -> int:
        """The index of the filter that reads a PROXY protocol header, -1 without one. Filters before it see only the header."""
        for index, each in enumerate(self._filters):
            if each.kind == "proxy_protocol":
                optional = isinstance(each.config, ProxyProtocol) and each.config.allow_requests_without_proxy_protocol
                return -1 if client.direct_source_ip is None and optional else index
        return -1

    @staticmethod
    def _run(each: _Filter, client: Connection, facts: _Facts, assuming: list[str], *, hidden: bool) -> str:
        """Runs a filter, which adds to `facts` and `assuming`; returns the step's `because`.

        `hidden`: the client's bytes are behind a PROXY protocol header.
        """
        if each.kind == "original_dst":
            facts.local_address = (client.destination_ip, client.destination_port)
            return f"local address {facts.local_address[0]}:{facts.local_address[1]}"
        if each.kind == "tls_inspector":
            return _inspect_tls(each, client, facts, hidden=hidden)
        if each.kind == "http_inspector":
            return _inspect_http(client, facts, hidden=hidden)
        if each.kind == "proxy_protocol":
            if client.direct_source_ip is None and not each.config.allow_requests_without_proxy_protocol:
                assuming.append("the client sends a PROXY protocol header")
            facts.lb_keys = _lb_keys(each.config)
            return f"source {client.source_ip or 'unknown'}"
        if each.kind == "original_src":
            return "only the source address of the upstream connection changes"
        kind = each.filter.type_name or (
            "config discovery" if present(each.filter.config_discovery) else "type unknown"
        )
        assuming.append(f"listener filter {each.filter.name} ({kind}) lets the connection pass and detects nothing")
        return f"{kind} is not modelled"


def _lb_keys(config: ProxyProtocol) -> tuple[str, ...]:
    """What TLVs write where subsets are asked for."""
    targets = (rule.on_tlv_present for rule in config.rules)
    return tuple(dict.fromkeys(one.key for one in targets if one.metadata_namespace == LB))


_CLOSES = "not TLS: close_connection_on_client_hello_parsing_errors"


def _inspect_tls(each: _Filter, client: Connection, facts: _Facts, *, hidden: bool) -> str:
    if client.tls and not hidden:
        facts.transport_protocol, facts.sni, facts.alpn = "tls", client.sni.lower(), client.alpn
        return f"TLS, SNI {facts.sni or 'none'}, ALPN {', '.join(facts.alpn) or 'none'}"
    strict = isinstance(each.config, TlsInspector) and each.config.close_connection_on_client_hello_parsing_errors
    if strict:
        return _CLOSES
    return "not TLS: the bytes are a PROXY protocol header" if hidden else "not TLS"


def _inspect_http(client: Connection, facts: _Facts, *, hidden: bool) -> str:
    if facts.transport_protocol not in ("", "raw_buffer"):
        return f"skipped: {facts.transport_protocol}"
    version = None if client.tls or hidden else _HTTP_VERSIONS.get(client.application_protocol)
    if version is None:
        return "not HTTP"
    facts.alpn = (version,)
    return version


def _read_filter(each: ListenerFilter, location: Location | None) -> _Filter:
    """The kind is from the filter's type; without a configuration, from its name."""
    name = (each.type_name or each.name).removeprefix("envoy.filters.listener.").removeprefix("envoy.listener.")
    kind = name.removeprefix("envoy.extensions.filters.listener.").partition(".")[0]
    config: Any = None
    body = unpacked(each.typed_config)[1] if present(each.typed_config) else each.typed_config
    for name, message in (("tls_inspector", TlsInspector), ("proxy_protocol", ProxyProtocol)):
        if kind == name:
            config = decode(body, message) if present(body) else message()
            config = config if isinstance(config, message) else message()
    return _Filter(kind if kind in _KINDS else "", each, location, config)


def _needs_inspector(listener: Listener) -> bool:
    """Whether a chain matches facts that only a tls_inspector detects."""
    matches = [chain.filter_chain_match for chain in listener.filter_chains]
    return any(
        match.transport_protocol == "tls"
        or (not match.transport_protocol and (match.server_names or match.application_protocols))
        for match in matches
    )


def _step(each: _Filter, verdict: Truth, because: str) -> Step:
    return Step(
        kind=StepKind.LISTENER_FILTER, chosen=each.filter.name, verdict=verdict, because=because, location=each.location
    )


def is_disabled(predicate: ListenerFilterPredicate | None, port: int | None, *, is_ip: bool = True) -> Verdict:
    """Whether the predicate holds; no without a predicate. The end of a port range is exclusive."""
    if predicate is None or predicate.unread:
        return NO if predicate is None else unknown(f"filter_disabled: {predicate.doubt}")
    if predicate.destination_port_range is not None:
        return _within(predicate.destination_port_range, port, is_ip=is_ip)
    if predicate.or_match is not None:
        return any_of(is_disabled(rule, port, is_ip=is_ip) for rule in predicate.or_match.rules)
    if predicate.and_match is not None:
        return all_of(is_disabled(rule, port, is_ip=is_ip) for rule in predicate.and_match.rules)
    if predicate.not_match is not None:
        return ~is_disabled(predicate.not_match, port, is_ip=is_ip)
    return yes("any_match") if predicate.any_match else unknown("its filter_disabled is not modelled")


def _within(ports: PortRange, port: int | None, *, is_ip: bool) -> Verdict:
    if not is_ip:
        return no("without an IP address there is no port")
    if port is None:
        return unknown("the destination port is not given")
    interval = f"[{ports.start},{ports.end})"
    if ports.start <= port < ports.end:
        return yes(f"destination port {port} in {interval}")
    return no(f"destination port {port} not in {interval}")
