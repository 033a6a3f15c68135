from __future__ import annotations

import json
from pathlib import Path

import pytest

from meshscope.istio.protocol import Family, protocol_of

REGISTRY = Path(__file__).parents[2] / "recordings/bookinfo/istiod/istiod-1/debug/registryz.json"


@pytest.mark.parametrize(
    ("number", "name", "app_protocol", "expected"),
    [
        (80, "http", "", ("HTTP", Family.HTTP)),
        (80, "HTTP-web", "", ("HTTP", Family.HTTP)),
        (80, "httpweb", "", ("auto", Family.AUTO)),
        (80, "grpc-web-x", "", ("GRPC-Web", Family.HTTP)),
        (443, "https-x", "", ("HTTPS", Family.TLS)),
        (443, "", "", ("auto", Family.AUTO)),
        (3306, "db", "", ("TCP", Family.TCP)),
        (3306, "http", "", ("HTTP", Family.HTTP)),
        (80, "http", "tcp", ("TCP", Family.TCP)),
        (80, "x", "kubernetes.io/h2c", ("HTTP2", Family.HTTP)),
        (80, "x", "kubernetes.io/wss", ("HTTPS", Family.TLS)),
    ],
)
def test_the_application_protocol_then_the_name_then_the_number(
    number: int, name: str, app_protocol: str, expected: tuple[str, Family]
) -> None:
    found = protocol_of(number, name, app_protocol)
    assert (found.name, found.family) == expected


def test_udp_is_not_proxied_whatever_its_name() -> None:
    assert protocol_of(53, "http", "", "UDP").family is Family.UDP


def test_it_is_what_a_real_istiod_assumes() -> None:
    names = {"UnsupportedProtocol": "auto"}
    ports = [port for service in json.loads(REGISTRY.read_text()) for port in service["ports"]]
    assert len(ports) > 10
    for port in ports:
        found = protocol_of(port["port"], port["name"], "")
        assert found.name == names.get(port["protocol"], port["protocol"]), port
