from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from meshscope.simulation.listener.choice import ChosenListener, Listeners
from meshscope.xds.listener import Listener

from ..reading import read

ANY4, ANY6 = "0.0.0.0", "::"  # noqa: S104  # what a configuration says, nothing is bound here
RECORDED = Path(__file__).parents[3] / "recordings/bookinfo/proxies/default"


def listener(name: str, ip: str = ANY4, port: int = 80, **more: Any) -> tuple[str, Listener]:
    address = {"socket_address": {"address": ip, "port_value": port, **more.pop("socket", {})}}
    return name, read(Listener, {"name": name, "address": address, **more})


def name(taken: ChosenListener | None) -> str | None:
    return taken.name if taken else None


ENTRY = listener("entry", ANY4, 15001, use_original_dst=True)


def handed_off(
    to: tuple[str, int], *listeners: tuple[str, Listener], entry: tuple[str, Listener] = ENTRY
) -> str | None:
    index = Listeners((entry, *listeners))
    accepted = index.accepting("127.0.0.1", 15001)
    assert accepted is not None
    return name(index.handed_off(accepted, *to))


@pytest.mark.parametrize(("ip", "chosen"), [("127.0.0.1", "exact"), ("127.0.0.2", "any"), ("::1", None)])
def test_the_kernel_prefers_the_exact_address_of_the_same_family(ip: str, chosen: str | None) -> None:
    index = Listeners((listener("any"), listener("exact", "127.0.0.1")))
    assert name(index.accepting(ip, 80)) == chosen


@pytest.mark.parametrize("more", [{"bind_to_port": False}, {"deprecated_v1": {"bind_to_port": False}}])
def test_an_unbound_listener_accepts_nothing_but_takes_over_by_original_destination(more: dict[str, Any]) -> None:
    unbound = listener("unbound", "10.0.0.1", 80, **more)
    assert Listeners((unbound,)).accepting("10.0.0.1", 80) is None
    assert handed_off(("10.0.0.1", 80), unbound) == "unbound"


@pytest.mark.parametrize(
    ("to", "chosen"),
    [
        (("10.0.0.1", 80), "exact"),
        (("10.0.0.2", 80), "any4"),
        (("10.0.0.2", 81), None),
        (("2001:db8::1", 80), "any6"),
        (("2001:db8:0::1", 80), "any6"),
        (("2001:db8::2", 81), None),
    ],
)
def test_hand_off_looks_for_the_exact_address_then_for_the_wildcard_of_its_family(
    to: tuple[str, int], chosen: str | None
) -> None:
    assert handed_off(to, listener("exact", "10.0.0.1"), listener("any4"), listener("any6", ANY6)) == chosen


@pytest.mark.parametrize(("compatible", "chosen"), [(False, None), (True, "any6")])
def test_an_ipv6_wildcard_takes_ipv4_where_it_is_compatible(*, compatible: bool, chosen: str | None) -> None:
    any6 = listener("any6", ANY6, socket={"ipv4_compat": compatible})
    assert handed_off(("10.0.0.1", 80), any6) == chosen
    assert handed_off(("10.0.0.1", 80), any6, listener("any4")) == "any4"


def test_additional_addresses_count_as_the_first_one() -> None:
    more = {"address": {"socket_address": {"address": "10.0.0.2", "port_value": 81}}}
    assert handed_off(("10.0.0.2", 81), listener("two", "10.0.0.1", additional_addresses=[more])) == "two"


def test_a_bound_listener_may_take_over_too() -> None:
    assert handed_off(("10.0.0.1", 80), listener("bound")) == "bound"


@pytest.mark.parametrize(("use_original_dst", "to"), [(False, ("10.0.0.1", 80)), (True, ("127.0.0.1", 15001))])
def test_nothing_is_handed_off_without_the_flag_or_without_a_redirect(
    *, use_original_dst: bool, to: tuple[str, int]
) -> None:
    entry = listener("entry", ANY4, 15001, use_original_dst=use_original_dst)
    assert handed_off(to, listener("other", *to), entry=entry) is None


def test_udp_listeners_take_no_tcp() -> None:
    udp = listener("udp", socket={"protocol": "UDP"})
    index = Listeners((udp,))
    assert index.accepting("10.0.0.1", 80) is None
    assert name(index.accepting("10.0.0.1", 80, protocol="UDP")) == "udp"
    assert handed_off(("10.0.0.1", 80), udp) is None


def test_internal_listeners_and_pipes_have_doors_of_their_own() -> None:
    internal = "main", read(Listener, {"name": "main", "internal_listener": {}})
    pipe = "sock", read(Listener, {"name": "sock", "address": {"pipe": {"path": "/run/x.sock"}}})
    index = Listeners((internal, pipe))
    assert (name(index.internal("main")), name(index.internal("sock"))) == ("main", None)
    assert (name(index.at_pipe("/run/x.sock")), name(index.at_pipe("/run/y.sock"))) == ("sock", None)
    assert (name(index.named("sock")), name(index.named("x"))) == ("sock", None)


def test_listeners_of_the_same_port_say_why_they_lost() -> None:
    index = Listeners(
        (
            listener("any"),
            listener("exact", "10.0.0.1"),
            listener("other", "10.0.0.2"),
            listener("six", ANY6),
            listener("udp", socket={"protocol": "UDP"}),
            listener("elsewhere", port=81),
        )
    )
    stopped = [(*listener("old", "10.0.0.1"), "draining")]
    lost = index.explain("10.0.0.1", 80, index.accepting("10.0.0.1", 80), stopped=stopped)
    assert {each.name: each.because for each in lost} == {
        "old": "draining: it takes no connections",
        "any": "shadowed by exact: the exact address goes first",
        "six": "wrong family: [::]:80 takes no IPv4",
        "udp": "it listens on UDP",
        "other": "other address: 10.0.0.2:80",
    }


def test_an_unbound_listener_that_nobody_hands_over_to_says_so() -> None:
    index = Listeners((listener("unbound", bind_to_port=False),))
    (lost,) = index.explain("10.0.0.1", 80, None)
    assert lost.because == "not bound to its port, and no listener with use_original_dst hands over to it"


def recorded(pod: str) -> Listeners:
    (path,) = RECORDED.glob(f"{pod}-*/config_dump.json")
    sections = json.loads(path.read_bytes())["configs"]
    found = next(s["dynamic_listeners"] for s in sections if s["@type"].endswith("ListenersConfigDump"))
    bodies = [each["active_state"]["listener"] for each in found]
    return Listeners([(body["name"], read(Listener, body)) for body in bodies])


@pytest.mark.parametrize(("to", "chosen"), [(("10.96.0.10", 9080), "0.0.0.0_9080"), (("8.8.8.8", 53), None)])
def test_a_sidecar_hands_off_by_service_port_or_keeps_the_connection(to: tuple[str, int], chosen: str | None) -> None:
    index = recorded("productpage")
    entry = index.accepting("127.0.0.1", 15001)
    assert entry is not None
    assert (entry.name, name(index.handed_off(entry, *to))) == ("virtualOutbound", chosen)
