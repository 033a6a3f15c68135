from __future__ import annotations

from typing import Any

import pytest

from meshscope.simulation.connection import Peer
from meshscope.simulation.connection_manager.client_cert_header import client_cert_header
from meshscope.simulation.headers.inline import CLIENT_CERT
from meshscope.simulation.journey.simulator import Simulator
from meshscope.simulation.request import Request
from meshscope.xds.http_connection_manager import HttpConnectionManager
from tests.mesh.meshes import recorded

from ..reading import read

SERVER = "spiffe://td/ns/srv/sa/server"
CLIENT = Peer(
    presented=True, validated=True, uri_sans=("spiffe://cluster.local/ns/default/sa/client",), subject="O=cluster.local"
)
NONE = Peer(presented=False, validated=False)
UNKNOWN = Peer()
ISTIO = {"subject": True, "dns": True, "uri": True}
OWN = f'By={SERVER};Hash=…;Subject="O=cluster.local";URI=spiffe://cluster.local/ns/default/sa/client'


def header(
    mode: str,
    peer: Peer,
    *client_values: str,
    details: dict[str, bool] | None = None,
    identities: tuple[str, ...] | None = (SERVER,),
    terminates_tls: bool = True,
    **more: Any,
) -> str | None:
    shown = ISTIO if details is None else details
    config = {"forward_client_cert_details": mode, "set_current_client_cert_details": shown, **more}
    return client_cert_header(
        read(HttpConnectionManager, config), client_values, peer, identities, terminates_tls=terminates_tls
    )


@pytest.mark.parametrize(
    ("mode", "peer", "terminates_tls", "client_values", "result"),
    [
        ("ALWAYS_FORWARD_ONLY", NONE, False, (), None),
        ("ALWAYS_FORWARD_ONLY", NONE, False, ("one", "two"), "one,two"),
        ("ALWAYS_FORWARD_ONLY", NONE, True, ("one",), "one"),
        ("ALWAYS_FORWARD_ONLY", CLIENT, True, ("one",), "one"),
        ("APPEND_FORWARD", NONE, False, ("one",), None),
        ("APPEND_FORWARD", NONE, True, ("one",), None),
        ("APPEND_FORWARD", CLIENT, True, (), OWN),
        ("APPEND_FORWARD", CLIENT, True, ("one", "two"), f"one,two,{OWN}"),
        ("SANITIZE_SET", NONE, True, ("one",), None),
        ("SANITIZE_SET", CLIENT, True, (), OWN),
        ("SANITIZE_SET", CLIENT, True, ("one",), OWN),
        ("SANITIZE", CLIENT, True, ("one",), None),
        ("FORWARD_ONLY", NONE, False, ("one",), None),
        ("FORWARD_ONLY", NONE, True, ("one",), None),
        ("FORWARD_ONLY", CLIENT, True, (), None),
        ("FORWARD_ONLY", CLIENT, True, ("one", "two"), "one,two"),
    ],
)
def test_each_mode_forwards_writes_or_removes_the_header(
    mode: str, peer: Peer, *, terminates_tls: bool, client_values: tuple[str, ...], result: str | None
) -> None:
    assert header(mode, peer, *client_values, terminates_tls=terminates_tls) == result


@pytest.mark.parametrize(
    ("mode", "client_values", "result"),
    [
        ("SANITIZE_SET", (), "…"),
        ("APPEND_FORWARD", ("one",), "…"),
        ("FORWARD_ONLY", ("one",), "…"),
        ("FORWARD_ONLY", (), None),
        ("SANITIZE", ("one",), None),
        ("ALWAYS_FORWARD_ONLY", ("one",), "one"),
    ],
)
def test_the_header_is_unknown_where_the_certificate_is_unknown(
    mode: str, client_values: tuple[str, ...], result: str | None
) -> None:
    assert header(mode, UNKNOWN, *client_values) == result


@pytest.mark.parametrize(
    ("details", "peer", "result"),
    [
        ({}, CLIENT, f"By={SERVER};Hash=…"),
        (
            dict.fromkeys(("dns", "uri", "chain", "cert", "subject"), True),
            Peer(True, True, ("spiffe://td/u1", "spiffe://td/u2"), ("a.example", "b.example"), "CN=two"),
            f'By={SERVER};Hash=…;Cert="…";Chain="…";Subject="CN=two";URI=spiffe://td/u1;URI=spiffe://td/u2'
            ";DNS=a.example;DNS=b.example",
        ),
        (ISTIO, Peer(True, True, subject="CN=nosan"), f'By={SERVER};Hash=…;Subject="CN=nosan";URI='),
        (ISTIO, Peer(True, True, ("spiffe://a",)), f'By={SERVER};Hash=…;Subject="…";URI=spiffe://a'),
        (ISTIO, Peer(True, True), f'By={SERVER};Hash=…;Subject="…";URI=…'),
        ({"dns": True}, Peer(True, True), f"By={SERVER};Hash=…;…"),
    ],
)
def test_the_parts_are_in_envoys_order_and_unknown_ones_are_gaps(
    details: dict[str, bool], peer: Peer, result: str
) -> None:
    assert header("SANITIZE_SET", peer, details=details) == result


def test_an_unknown_certificate_of_the_server_may_or_may_not_have_a_uri() -> None:
    assert header("SANITIZE_SET", CLIENT, details={}, identities=None) == "…Hash=…"


def test_a_matcher_that_chooses_the_mode_leaves_all_unknown() -> None:
    assert header("SANITIZE", NONE, forward_client_cert_matcher={"on_no_match": {}}) == "…"


def test_a_certificate_that_is_in_the_input_leaves_no_gap() -> None:
    productpage = Peer(True, True, ("spiffe://a",), der=bytes(60))
    text = header("SANITIZE_SET", productpage, details={"cert": True}) or ""
    digest = "5dcc1b5872dd9ff1c234501f1fefda01f664164e1583c3e1bb3dbea47588ab31"
    cert = "-----BEGIN%20CERTIFICATE-----%0A" + "A" * 64 + "%0A" + "A" * 16 + "%0A-----END%20CERTIFICATE-----%0A"
    assert text == f'By={SERVER};Hash={digest};Cert="{cert}"'


def test_between_recorded_proxies_it_is_the_value_that_the_application_received() -> None:
    paths = Simulator(recorded("bookinfo")).trace(Request(source="productpage", dest="reviews")).paths
    values = [value for path in paths for name, value in path.hops[-1].request_headers or () if name == CLIENT_CERT]
    expected = (
        "By=spiffe://cluster.local/ns/default/sa/bookinfo-reviews"
        ";Hash=90e1ac096c19773b7af05870f77b0fa07eab6bdf06c3f3541aca9ea345294838"
        ';Subject="";URI=spiffe://cluster.local/ns/default/sa/bookinfo-productpage'
    )
    assert values == [expected] * 2
