"""Listeners that cannot stand beside each other. https://gateway-api.sigs.k8s.io/reference/spec/#listener"""

from __future__ import annotations

import pytest

from meshscope.effect.gateway_api.listener_conflicts import conflicts
from meshscope.istio.gateway_api.listener import Listener


def one(protocol: str, hostname: str = "", port: int = 80) -> Listener:
    return Listener(protocol=protocol, hostname=hostname, port=port)


@pytest.mark.parametrize(
    ("first", "second", "are_distinct"),
    [
        (one("HTTP", "a"), one("HTTP", "a"), False),
        (one("HTTP", "a"), one("HTTP", "b"), True),
        (one("HTTP"), one("HTTP", "b"), True),
        (one("HTTP"), one("HTTP"), False),
        (one("HTTP", "a"), one("HTTP", "a", 81), True),
        (one("HTTPS", "a"), one("TLS", "b"), True),
        (one("HTTPS", "a"), one("TLS", "a"), False),
        (one("TCP"), one("HTTP", "a"), False),
        (one("TCP"), one("UDP"), False),
        (one("TCP"), one("TCP", port=81), True),
        (one("TCP"), one("HBONE"), True),
    ],
)
def test_the_first_keeps_its_place(first: Listener, second: Listener, are_distinct: bool) -> None:
    assert list(conflicts([("first", first), ("second", second)])) == ["", "" if are_distinct else "first"]


def test_one_that_lost_takes_no_room() -> None:
    listeners = [("a", one("TCP")), ("b", one("HTTP", "x")), ("c", one("HTTP", "x", 81)), ("d", one("HTTP", "x", 81))]
    assert list(conflicts(listeners)) == ["", "a", "", "c"]
