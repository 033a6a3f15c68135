from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import Raw

from meshscope.envoy.listener_status import ListenerStatus, listener_statuses, listener_statuses_text
from meshscope.location import Document, Location

ADMIN = Path(__file__).parents[1] / "data/envoy/admin"


def from_json(body: bytes) -> tuple[ListenerStatus, ...]:
    listeners, problems = listener_statuses(Raw(body), Location(Document.of("listeners.json", body)))
    assert problems == ()
    return listeners


def from_text(body: bytes) -> tuple[ListenerStatus, ...]:
    listeners, problems = listener_statuses_text(Document.of("listeners", body))
    assert problems == ()
    return listeners


def facts(listeners: tuple[ListenerStatus, ...]) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(listener.name, listener.address, listener.additional_addresses) for listener in listeners]


@pytest.mark.parametrize("proxy", ["inmate", "gateway"])
def test_both_forms_of_a_recorded_proxy_tell_the_same(proxy: str) -> None:
    text = from_text((ADMIN / proxy / "listeners.txt").read_bytes())
    assert len(text) > 2
    assert facts(text) == facts(from_json((ADMIN / proxy / "listeners.json").read_bytes()))


def test_names_and_addresses_may_hold_colons() -> None:
    body = b"fd00::a_80::[fd00::a]:80\r\ninner::envoy://inner/\n[::]_15006::0.0.0.0:15006\npipe::/run/x\n"
    assert facts(from_text(body)) == [
        ("fd00::a_80", "[fd00::a]:80", ()),
        ("inner", "envoy://inner/", ()),
        ("[::]_15006", "0.0.0.0:15006", ()),
        ("pipe", "/run/x", ()),
    ]


def test_further_addresses_belong_to_the_same_listener() -> None:
    address = '{"socket_address": {"address": "%s", "port_value": 80}}'
    more = f'"additional_local_addresses": [{address % "::1"}]'
    body = f'{{"listener_statuses": [{{"name": "a", "local_address": {address % "1.1.1.1"}, {more}}}]}}'
    expected = [("a", "1.1.1.1:80", ("[::1]:80",))]
    assert facts(from_json(body.encode())) == expected
    assert facts(from_text(b"a::1.1.1.1:80\na::[::1]:80\n")) == expected


def test_a_listener_leads_back_to_its_line() -> None:
    assert [listener.location.place().line for listener in from_text(b"a::1.1.1.1:80\n\nb::1.1.1.1:81\n")] == [1, 3]
    body = b'{"listener_statuses": [\n{"name": "a"},\n{"name": "b"}]}'
    assert [listener.location.place().line for listener in from_json(body)] == [2, 3]


def test_what_does_not_read_is_a_problem_and_the_rest_stays() -> None:
    body = b'{"listener_statuses": [{"name": 3}, {"name": "b"}]}'
    listeners, problems = listener_statuses(Raw(body), Location(Document.of("x", body)))
    assert [listener.name for listener in listeners] == ["b"]
    assert problems[0].message.startswith("listener_statuses[0]: ")
    listeners, problems = listener_statuses_text(Document.of("x", b"nothing\nb::1.1.1.1:1\n"))
    assert [listener.name for listener in listeners] == ["b"]
    assert problems[0].message == "line 1: not a line of /listeners: nothing"
    assert listener_statuses(Raw(b"[]"), Location(Document.of("x", b"[]")))[1] != ()
