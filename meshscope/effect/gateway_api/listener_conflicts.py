"""Listeners of one Gateway that cannot stand beside each other: the first keeps the port, or the host on it.

https://gateway-api.sigs.k8s.io/reference/spec/#listener and
https://github.com/istio/istio/blob/master/pilot/pkg/config/kube/gatewaycommon/listener_conflict.go
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from meshscope.istio.gateway_api.listener import Listener

_STREAMS = ("TCP", "UDP")
_NAMED = ("HTTP", "HTTPS", "TLS")


def conflicts(listeners: Iterable[tuple[str, Listener]]) -> Iterator[str]:
    """For each listener, in their order, the words of the one that excludes it, "" without any. Each has words with it. One
    that lost takes no room.
    """
    kept: list[tuple[str, Listener]] = []
    for words, one in listeners:
        winner = next((other for other, prior in kept if not _are_distinct(one, prior)), "")
        if not winner:
            kept.append((words, one))
        yield winner


def _are_distinct(one: Listener, other: Listener) -> bool:
    if one.port != other.port:
        return True
    protocols = one.protocol, other.protocol
    if any(protocol in _STREAMS for protocol in protocols):
        return not all(protocol in (*_STREAMS, *_NAMED) for protocol in protocols)
    if all(protocol in _NAMED for protocol in protocols):
        return (one.hostname or "*") != (other.hostname or "*")
    return one.protocol != other.protocol
