"""The filter chains of one inbound port by the mode of mutual TLS, as JSON.

STRICT has chains with TLS alone; PERMISSIVE tells clients with the mesh's TLS by their ALPN, and has each chain a second time
for plain text, and for TLS that is the application's own; DISABLE has chains of plain text alone.
https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/listener_inbound.go and
https://istio.io/latest/docs/concepts/security/#permissive-mode
"""

from __future__ import annotations

from typing import Any

from meshscope.overlay.draft import Json

STRICT, PERMISSIVE, DISABLE = "STRICT", "PERMISSIVE", "DISABLE"
_MANAGER = "HttpConnectionManager"
_HTTP = ["istio-http/1.0", "istio-http/1.1", "istio-h2"]
_PEERS = ["istio", "istio-peer-exchange"]
PLAIN_HTTP = ["http/1.1", "h2c"]
_TLS, _RAW = "tls", "raw_buffer"
_COUNTS = {PERMISSIVE: {"sniffed": 5, "HTTP": 2, "TCP": 3}, STRICT: {"sniffed": 2, "HTTP": 1, "TCP": 1}}
"""How many chains a port has."""
INSPECTOR = "envoy.filters.listener.http_inspector"
TLS_INSPECTOR = "envoy.filters.listener.tls_inspector"


def converted(chains: list[Json], wanted: str, others: list[Json]) -> list[Json] | None:
    """The chains of a port in another mode; None where they are not those of a mode that is known here. `others` are chains of
    the same listener, which tell how it speaks mutual TLS.
    """
    mutual = [one for one in chains if one.get("transport_socket")]
    is_open = not mutual
    if is_open:
        sockets = {is_http(one): one["transport_socket"] for one in others if one.get("transport_socket")}
        if not all(is_http(one) in sockets for one in chains):
            return None
        mutual = [{**one, "transport_socket": sockets[is_http(one)]} for one in chains]
    if len({is_http(one) for one in mutual}) != len(mutual):
        return None
    is_sniffed = len(mutual) > 1
    if wanted == DISABLE:
        return [new for one in mutual for new in _disabled(one, is_sniffed=is_sniffed)]
    if is_open:
        make = _strict if wanted == STRICT else _permissive
        return [new for one in mutual for new in make(one, is_sniffed=is_sniffed)]
    shape = "sniffed" if is_sniffed else "HTTP" if is_http(mutual[0]) else "TCP"
    if len(chains) != _COUNTS[PERMISSIVE if wanted == STRICT else STRICT][shape]:
        return None
    make = _strict if wanted == STRICT else _permissive
    return [new for one in mutual for new in make(one, is_sniffed=is_sniffed)]


def is_http(chain: Json) -> bool:
    return any(one.get("typed_config", {}).get("@type", "").endswith(_MANAGER) for one in chain.get("filters", ()))


def is_sniffed(chains: list[Json]) -> bool:
    """Whether the port takes HTTP and other connections."""
    return len({is_http(one) for one in chains}) > 1


def _strict(chain: Json, *, is_sniffed: bool) -> list[Json]:
    keeps = is_sniffed and is_http(chain)
    return [_with_match(chain, _TLS, _HTTP if keeps else [])]


def _permissive(chain: Json, *, is_sniffed: bool) -> list[Json]:
    plain = {key: value for key, value in chain.items() if key != "transport_socket"}
    if not is_sniffed:
        own = [] if is_http(chain) else [_with_match(plain, _TLS, [])]  # TLS of the application itself
        return [_with_match(chain, _TLS, [*_PEERS, *_HTTP]), *own, _with_match(plain, _RAW, [])]
    if is_http(chain):
        return [_with_match(chain, _TLS, _HTTP), _with_match(plain, _RAW, PLAIN_HTTP)]
    return [_with_match(chain, _TLS, _PEERS[::-1]), _with_match(plain, _RAW, []), _with_match(plain, _TLS, [])]


def _disabled(chain: Json, *, is_sniffed: bool) -> list[Json]:
    plain = {key: value for key, value in chain.items() if key != "transport_socket"}
    return [_with_match(plain, _RAW, PLAIN_HTTP if is_sniffed and is_http(chain) else [])]


def _with_match(chain: Json, transport: str, protocols: list[str]) -> Json:
    match: dict[str, Any] = {**chain.get("filter_chain_match", {}), "transport_protocol": transport}
    match.pop("application_protocols", None)
    if protocols:
        match["application_protocols"] = list(protocols)
    return {**chain, "filter_chain_match": match}


def inspector(ports: list[int]) -> Json:
    """The listener filter that tells HTTP in plain text, but for ports whose protocol is known."""
    disabled = _of_ports(ports)
    kind = "type.googleapis.com/envoy.extensions.filters.listener.http_inspector.v3.HttpInspector"
    made: dict[str, Any] = {"name": INSPECTOR, "typed_config": {"@type": kind}}
    return {**made, "filter_disabled": disabled} if disabled else made


def tls_inspected(filters: list[Json], chains: list[Json]) -> list[Json]:
    """The listener filters of chains: TLS is told where a chain of the port asks for it."""
    by_port: dict[int | None, bool] = {}
    for one in chains:
        match = one.get("filter_chain_match", {})
        needs = match.get("transport_protocol") == _TLS or bool(one.get("transport_socket"))
        port = match.get("destination_port")
        by_port[port] = by_port.get(port, False) or needs
    rest = [one for one in filters if one.get("name") != TLS_INSPECTOR]
    own = next((one for one in filters if one.get("name") == TLS_INSPECTOR), None)
    if not any(by_port.values()):
        return rest
    is_default = by_port.get(None, False)
    ports = sorted(port for port, needs in by_port.items() if port is not None and needs is not is_default)
    disabled = _of_ports(ports)
    if not is_default:
        disabled = {"not_match": disabled}
    kind = "type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector"
    made = dict(own) if own else {"name": TLS_INSPECTOR, "typed_config": {"@type": kind}}
    made.pop("filter_disabled", None)
    new = {**made, "filter_disabled": disabled} if disabled else made
    if own:
        return [new if one is own else one for one in filters]
    at = next((number for number, one in enumerate(filters) if one.get("name") == INSPECTOR), len(filters))
    return [*filters[:at], new, *filters[at:]]


def _of_ports(ports: list[int]) -> Json | None:
    rules = [{"destination_port_range": {"start": port, "end": port + 1}} for port in ports]
    return {"or_match": {"rules": rules}} if len(rules) > 1 else rules[0] if rules else None
