"""The filters of a real mesh, given the requests that went through it: they answer as its access logs say."""

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

from ..walks import access_log, context, extension, only

RECORDED: dict[str, Any] = json.loads((Path(__file__).parents[3] / "data" / "simulation" / "security.json").read_text())
CAPTURED_AT = "2026-08-15T12:00:00Z"


def connection(row: dict[str, Any]) -> Connection:
    source, destination = (row[end].rpartition(":") for end in ("src", "dst"))
    peer = Peer(presented=bool(row["peer"]), uri_sans=(row["peer"],) if row["peer"] else ())
    return Connection(
        source_ip=source[0],
        destination_ip=destination[0],
        destination_port=int(destination[2]),
        sni=row["sni"] or "",
        tls=row["tls"],
        peer=peer,
    )


def of(*, tcp: bool) -> list[Any]:
    return [pytest.param(one, id=f"{one['id']}-{one['filters']}") for one in RECORDED["requests"] if one["tcp"] == tcp]


@pytest.mark.parametrize("row", of(tcp=False))
def test_a_recorded_request_is_answered_as_the_proxy_logged_it(row: dict[str, Any]) -> None:
    filters = HttpFilters(tuple(map(extension, RECORDED["filters"][row["filters"]])))
    headers = tuple((name, value) for name, value in row["headers"])
    client = connection(row)
    request = HttpRequest(
        method=row["method"],
        path=row["path"],
        authority=row["host"],
        headers=headers,
        client_ip=client.source_ip,
    )
    outcome = only(filters, request, context(connection=client, at=CAPTURED_AT))
    assert not outcome.assuming
    answered = access_log(outcome.value.response) if isinstance(outcome.value, End) else None
    by_filter = row["details"].startswith(("rbac_", "jwt_"))
    assert answered == ((row["code"], row["flags"], row["details"]) if by_filter else None)


@pytest.mark.parametrize("row", of(tcp=True))
def test_a_recorded_connection_is_closed_as_the_proxy_logged_it(row: dict[str, Any]) -> None:
    closed = None
    for one in map(extension, RECORDED["filters"][row["filters"]]):
        assert isinstance(one.config, RBAC)
        (outcome,) = NetworkRbac(one.name, one.config)(connection(row), {}, Envoy(), terminates_tls=row["tls"])
        assert not outcome.assuming
        if isinstance(outcome.value, End):
            assert outcome.value.response is not None
            closed = outcome.value.response.details
            break
    assert closed == row["conn"]
