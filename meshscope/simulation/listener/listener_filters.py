"""What the listener filters find out about a connection before a filter chain is chosen.

https://www.envoyproxy.io/docs/envoy/latest/configuration/listeners/listener_filters/listener_filters
Client in, client as the chain match sees it out: SNI, ALPN and transport protocol are empty until a filter detects them.
What the client really does (`tls`, the peer's certificate) stays as it is.
Ports in `filter_disabled` are local ports as they are when the filter's turn comes.
https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/listener/v3/listener_components.proto#config-listener-v3-listenerfilterchainmatchpredicate
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from meshscope.location import Location
from meshscope.simulation.connection import Connection, Envoy
from meshscope.simulation.endings import CLOSED
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
Address = tuple[str | None, int | None]


class _Filter(Struct, frozen=True):
    """`kind` "" is a filter that is not modelled."""

    kind: str
    filter: ListenerFilter
    location: Location | None
    config: Any = None


class _Seen(Struct):
    """What is known so far; `at` is the local address, restored or not."""

    at: Address
    transport_protocol: str = ""
    sni: str = ""
    alpn: tuple[str, ...] = ()


class ListenerFilters:
    """A listener's filters in the order in which they run; build it once for each configuration."""

    def __init__(self, listener: Listener, location: Location | None = None) -> None:
        own = [
            _filter(each, location.below(("listener_filters", index)) if location else None)
            for index, each in enumerate(listener.listener_filters)
            if not each.disabled
        ]
        if listener.use_original_dst:
            at = location / "use_original_dst" if location else None
            own.append(_Filter("original_dst", ListenerFilter(name="use_original_dst"), at))
        first = listener.filter_chains[0] if listener.filter_chains else listener.default_filter_chain
        if first and first.use_proxy_proto:
            own.append(_Filter("proxy_protocol", ListenerFilter(name="use_proxy_proto"), location, ProxyProtocol()))
        self._filters = tuple(own)
        self._wants_inspector = _wants_inspector(listener) and all(each.kind != "tls_inspector" for each in own)

    def detect(
        self,
        client: Connection,
        *,
        seen: Connection | None = None,
        accepted: Address | None = None,
        envoy: Envoy = NEWEST,
        explain: bool = True,
    ) -> Outcome[Connection]:
        """`client` is what the client does, its destination the original one; `accepted` where its socket was accepted, if
        elsewhere. `seen` is what an entry listener's filters found before they handed the connection over: it still counts.
        """
        known = _Seen(accepted or (client.destination_ip, client.destination_port))
        if seen:
            known.transport_protocol, known.sni, known.alpn = seen.transport_protocol, seen.sni, seen.alpn
        header_at = self._header_at(client)
        steps: list[Step] = []
        assuming: list[str] = []
        for place, each in enumerate(self._running(envoy)):
            off = disabled(each.filter.filter_disabled, known.at[1], is_ip=client.is_ip)
            if off.is_yes:
                because = f"disabled: {off.because}"
            else:
                if off.is_unknown:
                    assuming.append(f"listener filter {each.filter.name} is not disabled: {off.because}")
                because = self._run(each, client, known, assuming, hidden=place < header_at)
            if explain:
                verdict = Truth.YES if each.kind or off.is_yes else Truth.UNKNOWN
                steps.append(_step(each, verdict, because))
            if because == _CLOSES:
                return Outcome(CLOSED, steps=tuple(steps), assuming=tuple(assuming))
        found = replace(
            client,
            destination_ip=known.at[0],
            destination_port=known.at[1],
            transport_protocol=known.transport_protocol,
            sni=known.sni,
            alpn=known.alpn,
        )
        return Outcome(found, steps=tuple(steps), assuming=tuple(assuming))

    def _running(self, envoy: Envoy) -> tuple[_Filter, ...]:
        """Before 1.17 Envoy added a tls_inspector, the last filter, where a chain asks for what it finds."""
        if not self._wants_inspector or (not envoy.version or envoy.version >= (1, 20)):
            return self._filters
        if envoy.at_least(1, 17) and envoy.guard("disable_tls_inspector_injection", default=True):
            return self._filters
        return (
            *self._filters,
            _Filter("tls_inspector", ListenerFilter(name="envoy.filters.listener.tls_inspector"), None),
        )

    def _header_at(self, client: Connection) -> int:
        """The filter that reads a PROXY protocol header; filters before it see that header and not the client's bytes."""
        for place, each in enumerate(self._filters):
            if each.kind == "proxy_protocol":
                optional = isinstance(each.config, ProxyProtocol) and each.config.allow_requests_without_proxy_protocol
                return -1 if client.direct_source_ip is None and optional else place
        return -1

    @staticmethod
    def _run(each: _Filter, client: Connection, known: _Seen, assuming: list[str], *, hidden: bool) -> str:
        """Lets a filter add to what is known; answers what it did, in words."""
        if each.kind == "original_dst":
            known.at = (client.destination_ip, client.destination_port)
            return f"local address {known.at[0]}:{known.at[1]}"
        if each.kind == "tls_inspector":
            return _inspect_tls(each, client, known, hidden=hidden)
        if each.kind == "http_inspector":
            return _inspect_http(client, known, hidden=hidden)
        if each.kind == "proxy_protocol":
            if client.direct_source_ip is None and not each.config.allow_requests_without_proxy_protocol:
                assuming.append("the client sends a PROXY protocol header")
            return f"source {client.source_ip or 'unknown'}"
        if each.kind == "original_src":
            return "only the upstream's view of the source changes"
        what = each.filter.type_name or (
            "config discovery" if present(each.filter.config_discovery) else "type unknown"
        )
        assuming.append(f"listener filter {each.filter.name} ({what}) lets the connection pass and detects nothing")
        return f"{what} is not modelled"


_CLOSES = "not TLS: close_connection_on_client_hello_parsing_errors"


def _inspect_tls(each: _Filter, client: Connection, known: _Seen, *, hidden: bool) -> str:
    if client.tls and not hidden:
        known.transport_protocol, known.sni, known.alpn = "tls", client.sni.lower(), client.alpn
        return f"TLS, SNI {known.sni or 'none'}, ALPN {', '.join(known.alpn) or 'none'}"
    strict = isinstance(each.config, TlsInspector) and each.config.close_connection_on_client_hello_parsing_errors
    if strict:
        return _CLOSES
    return "not TLS: the bytes are a PROXY protocol header" if hidden else "not TLS"


def _inspect_http(client: Connection, known: _Seen, *, hidden: bool) -> str:
    if known.transport_protocol not in ("", "raw_buffer"):
        return f"not asked: {known.transport_protocol}"
    version = None if client.tls or hidden else _HTTP_VERSIONS.get(client.application_protocol)
    if version is None:
        return "not HTTP"
    known.alpn = (version,)
    return version


def _filter(each: ListenerFilter, location: Location | None) -> _Filter:
    """By type; a filter without a configuration goes by its name."""
    named = (each.type_name or each.name).removeprefix("envoy.filters.listener.").removeprefix("envoy.listener.")
    kind = named.removeprefix("envoy.extensions.filters.listener.").partition(".")[0]
    config: Any = None
    body = unpacked(each.typed_config)[1] if present(each.typed_config) else each.typed_config
    for name, message in (("tls_inspector", TlsInspector), ("proxy_protocol", ProxyProtocol)):
        if kind == name:
            config = decode(body, message) if present(body) else message()
            config = config if isinstance(config, message) else message()
    return _Filter(kind if kind in _KINDS else "", each, location, config)


def _wants_inspector(listener: Listener) -> bool:
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


def disabled(predicate: ListenerFilterPredicate | None, port: int | None, *, is_ip: bool = True) -> Verdict:
    """Whether the predicate holds; no without one. A port range's end is not part of it."""
    if predicate is None:
        return NO
    if predicate.destination_port_range is not None:
        return _within(predicate.destination_port_range, port, is_ip=is_ip)
    if predicate.or_match is not None:
        return any_of(disabled(rule, port, is_ip=is_ip) for rule in predicate.or_match.rules)
    if predicate.and_match is not None:
        return all_of(disabled(rule, port, is_ip=is_ip) for rule in predicate.and_match.rules)
    if predicate.not_match is not None:
        return ~disabled(predicate.not_match, port, is_ip=is_ip)
    return yes("any_match") if predicate.any_match else unknown("its filter_disabled is not modelled")


def _within(ports: PortRange, port: int | None, *, is_ip: bool) -> Verdict:
    if not is_ip:
        return no("no IP address, no port")
    if port is None:
        return unknown("nobody said the destination port")
    words = f"destination port {port} in [{ports.start},{ports.end})"
    return yes(words) if ports.start <= port < ports.end else no(words.replace(" in ", " not in "))
