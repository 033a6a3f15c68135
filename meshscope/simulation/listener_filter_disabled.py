"""`filter_disabled`: where a listener filter does not run. Ports are local ports as they are when the filter's turn comes.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/listener/v3/listener_components.proto#config-listener-v3-listenerfilterchainmatchpredicate
"""

from __future__ import annotations

from meshscope.simulation.verdict import NO, Verdict, all_of, any_of, no, unknown, yes
from meshscope.xds.listener_filter import ListenerFilterPredicate, PortRange


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
