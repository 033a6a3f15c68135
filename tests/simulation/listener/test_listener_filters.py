from __future__ import annotations

from typing import Any

import pytest

from meshscope.simulation.connection import Connection, Envoy
from meshscope.simulation.endings import End
from meshscope.simulation.listener.listener_filters import ListenerFilters
from meshscope.simulation.outcome import Outcome
from meshscope.xds.listener import Listener

from ..reading import read

TYPES = {
    "tls_inspector": "TlsInspector", "http_inspector": "HttpInspector", "original_dst": "OriginalDst",
    "original_src": "OriginalSrc", "proxy_protocol": "ProxyProtocol",
}  # fmt: skip
HELLO = Connection(
    destination_ip="10.0.0.1", destination_port=80, source_ip="10.0.0.9", tls=True, sni="A.com", alpn=("h2", "http/1.1")
)
HTTP = Connection(destination_ip="10.0.0.1", destination_port=80, source_ip="10.0.0.9")


def inspector(kind: str, *, disabled: dict[str, Any] | None = None, **config: Any) -> dict[str, Any]:
    url = f"type.googleapis.com/envoy.extensions.filters.listener.{kind}.v3.{TYPES[kind]}"
    more = {"filter_disabled": disabled} if disabled else {}
    return {"name": kind, "typed_config": {"@type": url, **config}, **more}


def filters(*each: dict[str, Any], **listener: Any) -> ListenerFilters:
    return ListenerFilters(read(Listener, {"listener_filters": each, **listener}))


def facts(outcome: Outcome[Connection]) -> tuple[str, str, tuple[str, ...]]:
    assert isinstance(outcome.value, Connection)
    return outcome.value.transport_protocol, outcome.value.sni, outcome.value.alpn


TLS, HTTP_INSPECTOR = inspector("tls_inspector"), inspector("http_inspector")
NOTHING = ("", "", ())


@pytest.mark.parametrize(
    ("client", "inspectors", "expected"),
    [
        (HELLO, (), NOTHING),
        (HELLO, (TLS,), ("tls", "a.com", ("h2", "http/1.1"))),
        (HELLO, (HTTP_INSPECTOR,), NOTHING),
        (HELLO, (HTTP_INSPECTOR, TLS), ("tls", "a.com", ("h2", "http/1.1"))),
        (HTTP, (TLS,), NOTHING),
        (HTTP, (TLS, HTTP_INSPECTOR), ("", "", ("http/1.1",))),
        (Connection(application_protocol="http1.0"), (HTTP_INSPECTOR,), ("", "", ("http/1.0",))),
        (Connection(application_protocol="http2"), (HTTP_INSPECTOR,), ("", "", ("h2c",))),
        (Connection(application_protocol="tcp"), (HTTP_INSPECTOR,), NOTHING),
        (HELLO, (inspector("original_src"),), NOTHING),
        (HELLO, ({"name": "envoy.filters.listener.tls_inspector"},), ("tls", "a.com", ("h2", "http/1.1"))),
        (HELLO, ({"name": "envoy.listener.tls_inspector"},), ("tls", "a.com", ("h2", "http/1.1"))),
    ],
)
def test_inspectors_detect_what_the_client_shows_and_nothing_else(
    client: Connection, inspectors: tuple[dict[str, Any], ...], expected: tuple[str, str, tuple[str, ...]]
) -> None:
    outcome = filters(*inspectors).detect(client)
    assert (facts(outcome), outcome.assuming) == (expected, ())
    assert isinstance(outcome.value, Connection)
    assert outcome.value.tls is client.tls


def ports(start: int, end: int) -> dict[str, Any]:
    return {"destination_port_range": {"start": start, "end": end}}


@pytest.mark.parametrize(
    ("disabled", "runs"),
    [
        (ports(80, 81), False),
        (ports(79, 80), True),
        (ports(15001, 15002), True),
        ({"or_match": {"rules": [ports(1, 2), ports(80, 81)]}}, False),
        ({"and_match": {"rules": [ports(1, 2), ports(80, 81)]}}, True),
        ({"not_match": ports(80, 81)}, True),
        ({"not_match": ports(1, 2)}, False),
        ({"any_match": True}, False),
    ],
)
def test_a_filter_does_not_run_where_it_is_disabled(disabled: dict[str, Any], *, runs: bool) -> None:
    both = filters(inspector("original_dst"), inspector("tls_inspector", disabled=disabled))
    assert (facts(both.detect(HELLO, accepted_at=("127.0.0.1", 15001))) != NOTHING) is runs


def test_the_port_that_counts_is_the_one_when_the_filter_runs() -> None:
    before = filters(inspector("tls_inspector", disabled=ports(80, 81)), inspector("original_dst"))
    assert facts(before.detect(HELLO, accepted_at=("127.0.0.1", 15001)))[0] == "tls"


def test_a_port_that_is_not_given_is_an_assumption() -> None:
    outcome = filters(inspector("tls_inspector", disabled=ports(80, 81))).detect(Connection(tls=True))
    assert facts(outcome)[0] == "tls"
    assert outcome.assuming == ("listener filter tls_inspector is not disabled: the destination port is not given",)


@pytest.mark.parametrize(
    ("listener", "destination"),
    [
        (filters(), ("127.0.0.1", 15001)),
        (filters(inspector("original_dst")), ("10.0.0.1", 80)),
        (filters(use_original_dst=True), ("10.0.0.1", 80)),
    ],
)
def test_only_original_dst_restores_the_destination(listener: ListenerFilters, destination: tuple[str, int]) -> None:
    detected = listener.detect(HTTP, accepted_at=("127.0.0.1", 15001)).value
    assert isinstance(detected, Connection)
    assert (detected.destination_ip, detected.destination_port) == destination


def test_facts_of_the_entry_listener_still_count_after_the_hand_off() -> None:
    entry = filters(TLS).detect(HELLO).value
    assert isinstance(entry, Connection)
    assert facts(filters().detect(HELLO, entry_connection=entry)) == ("tls", "a.com", ("h2", "http/1.1"))


def test_inspectors_before_the_reader_of_a_proxy_protocol_header_see_only_the_header() -> None:
    through = Connection(tls=True, direct_source_ip="10.0.0.7", source_ip="1.1.1.1")
    reader = inspector("proxy_protocol")
    assert facts(filters(TLS, reader).detect(through)) == NOTHING
    assert facts(filters(reader, TLS).detect(through))[0] == "tls"


def test_use_proxy_proto_reads_the_header_last_and_counts_only_on_the_first_chain() -> None:
    through = Connection(tls=True, direct_source_ip="10.0.0.7")
    first = filters(TLS, filter_chains=[{"use_proxy_proto": True}])
    second = filters(TLS, filter_chains=[{}, {"use_proxy_proto": True}])
    assert (facts(first.detect(through))[0], facts(second.detect(through))[0]) == ("", "tls")


@pytest.mark.parametrize(("optional", "assumptions"), [(False, 1), (True, 0)])
def test_a_required_proxy_protocol_header_is_assumed_where_it_is_not_given(*, optional: bool, assumptions: int) -> None:
    reader = inspector("proxy_protocol", allow_requests_without_proxy_protocol=optional)
    assert len(filters(reader).detect(HTTP).assuming) == assumptions


@pytest.mark.parametrize(("client", "closes"), [(HTTP, True), (HELLO, False)])
def test_a_strict_inspector_closes_what_is_not_tls(client: Connection, *, closes: bool) -> None:
    strict = inspector("tls_inspector", close_connection_on_client_hello_parsing_errors=True)
    assert isinstance(filters(strict).detect(client).value, End) is closes


def test_a_filter_that_is_not_modelled_is_an_assumption_by_name_and_type() -> None:
    unknown = {"name": "geo", "typed_config": {"@type": "type.googleapis.com/x.Geo"}}
    outcome = filters(unknown, TLS).detect(HELLO)
    assert facts(outcome)[0] == "tls"
    assert outcome.assuming == ("listener filter geo (x.Geo) lets the connection pass and detects nothing",)
    assert [step.verdict for step in outcome.steps] == ["unknown", "yes"]


@pytest.mark.parametrize(
    ("envoy", "match", "protocol"),
    [
        (Envoy((1, 16, 5)), {"server_names": ["a.com"]}, "tls"),
        (Envoy((1, 16, 5)), {"transport_protocol": "tls"}, "tls"),
        (Envoy((1, 16, 5)), {"transport_protocol": "raw_buffer"}, ""),
        (Envoy((1, 16, 5)), {"destination_port": 80}, ""),
        (Envoy((1, 17, 0)), {"server_names": ["a.com"]}, ""),
        (
            Envoy((1, 17, 0), {"envoy.reloadable_features.disable_tls_inspector_injection": False}),
            {"server_names": ["a.com"]},
            "tls",
        ),
        (
            Envoy((1, 20, 0), {"envoy.reloadable_features.disable_tls_inspector_injection": False}),
            {"server_names": ["a.com"]},
            "",
        ),
        (Envoy(), {"server_names": ["a.com"]}, ""),
    ],
)
def test_old_releases_add_a_tls_inspector_where_a_chain_needs_it(
    envoy: Envoy, match: dict[str, Any], protocol: str
) -> None:
    listener = filters(filter_chains=[{"filter_chain_match": match}])
    assert facts(listener.detect(HELLO, envoy=envoy))[0] == protocol


def test_steps_are_left_out_without_explain() -> None:
    assert filters(TLS).detect(HELLO, explain=False).steps == ()
