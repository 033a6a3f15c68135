"""A large table is read in pieces, with the same answer."""

from __future__ import annotations

import json
from typing import Any
from unittest.mock import patch

import pytest
from msgspec import Raw

from meshscope.location import Document, Location
from meshscope.mesh import virtual_hosts as module
from meshscope.mesh.route_table import RouteTable
from meshscope.mesh.virtual_hosts import virtual_host_names, virtual_hosts

PLACE = Location(Document.of("t.json", b"{}"))
HOST = {"name": "h", "domains": ["a", "*.b"], "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "c"}}]}


def table(text: bytes) -> RouteTable:
    return RouteTable("t", "", Raw(text), PLACE)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "t", "virtual_hosts": []},
        {"virtual_hosts": [HOST, {**HOST, "name": "i"}], "validate_clusters": False},
        {"virtual_hosts": [HOST, {"name": 7}, {"domains": "x"}]},
        {"virtual_hosts": {"name": "no list"}},
        {"virtual_hosts": None},
    ],
)
def test_pieces_say_what_the_whole_says(body: dict[str, Any]) -> None:
    text = json.dumps(body).encode()
    whole = list(virtual_hosts(table(text))), virtual_host_names(table(text))
    with patch.object(module, "_AT_ONCE", 0):
        assert (list(virtual_hosts(table(text))), virtual_host_names(table(text))) == whole


@pytest.mark.parametrize("text", [b"[]", b"{", b'{"virtual_hosts": [1', b""])
def test_a_damaged_table_is_undecodable_in_pieces_too(text: bytes) -> None:
    whole = list(virtual_hosts(table(text)))
    with patch.object(module, "_AT_ONCE", -1):
        assert list(virtual_hosts(table(text))) == whole
        assert virtual_host_names(table(text)) == ()
