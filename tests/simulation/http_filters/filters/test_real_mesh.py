"""The filters of a real mesh, asked with the requests that went through it: the answers are those of its access logs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from meshscope.simulation.connection import Connection, Envoy, HttpRequest, Peer
from meshscope.simulation.endings import End
from meshscope.simulation.http_filters.chain import HttpFilters
from meshscope.simulation.listener.network_rbac import NetworkRbac
from meshscope.xds.rbac import RBAC

from ..asking import extension, only, scene, told

RECORDED: dict[str, Any] = json.loads((Path(__file__).parents[3] / "data" / "simulation" / "security.json").read_text())
CAPTURED_AT = "2026-08-15T12:00:00Z"


def connection(asked: dict[str, Any]) -> Connection:
    source, destination = (asked[end].rpartition(":") for end in ("src", "dst"))
    peer = Peer(presented=bool(asked["peer"]), uri_sans=(asked["peer"],) if asked["peer"] else ())
    return Connection(
        source_ip=source[0],
        destination_ip=destination[0],
        destination_port=int(destination[2]),
        sni=asked["sni"] or "",
        tls=asked["tls"],
        peer=peer,
    )


def of(*, tcp: bool) -> list[Any]:
    return [pytest.param(one, id=f"{one['id']}-{one['filters']}") for one in RECORDED["requests"] if one["tcp"] == tcp]


@pytest.mark.parametrize("asked", of(tcp=False))
def test_a_recorded_request_is_answered_as_the_proxy_logged_it(asked: dict[str, Any]) -> None:
    filters = HttpFilters(tuple(map(extension, RECORDED["filters"][asked["filters"]])))
    headers = tuple((name, value) for name, value in asked["headers"])
    client = connection(asked)
    request = HttpRequest(
        method=asked["method"], path=asked["path"], authority=asked["host"], headers=headers, client_ip=client.source_ip
    )
    outcome = only(filters, request, scene(connection=client, at=CAPTURED_AT))
    assert not outcome.assuming
    answered = told(outcome.value.response) if isinstance(outcome.value, End) else None
    by_filter = asked["details"].startswith(("rbac_", "jwt_"))
    assert answered == ((asked["code"], asked["flags"], asked["details"]) if by_filter else None)


@pytest.mark.parametrize("asked", of(tcp=True))
def test_a_recorded_connection_is_closed_as_the_proxy_logged_it(asked: dict[str, Any]) -> None:
    closed = None
    for one in map(extension, RECORDED["filters"][asked["filters"]]):
        assert isinstance(one.config, RBAC)
        (outcome,) = NetworkRbac(one.name, one.config)(connection(asked), {}, Envoy(), secured=asked["tls"])
        assert not outcome.assuming
        if isinstance(outcome.value, End):
            assert outcome.value.response is not None
            closed = outcome.value.response.details
            break
    assert closed == asked["conn"]
