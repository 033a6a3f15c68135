from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import Raw

from meshscope.location import Document, Location
from meshscope.simulation.http_filters.per_route import PerRoute, read_per_route
from meshscope.xds.http_filter_config import BufferPerRoute

from .walks import typed

PLACE = Location(Document.of("envoy.json", b"{}"), ("typed_per_filter_config", "it"))
BUFFER = typed("buffer.v3.BufferPerRoute", disabled=True)


def read(entry: dict[str, Any]) -> PerRoute:
    return read_per_route(Raw(json.dumps(entry).encode()), PLACE)


def wrapped(**fields: Any) -> dict[str, Any]:
    return {"@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig", **fields}


@pytest.mark.parametrize(
    ("entry", "path"),
    [(BUFFER, PLACE.path), (wrapped(config=BUFFER), (*PLACE.path, "config"))],
)
def test_a_configuration_is_located_where_it_is_written(entry: dict[str, Any], path: tuple[str, ...]) -> None:
    configuration = read(entry).configuration
    assert configuration is not None
    assert configuration.message == BufferPerRoute(disabled=True)
    assert configuration.location is not None
    assert configuration.location.path == path


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (wrapped(disabled=True), PerRoute(disabled=True)),
        (wrapped(disabled=True, config=BUFFER), PerRoute(disabled=True)),
        (wrapped(), PerRoute()),
        (wrapped(config={}), PerRoute()),
        (wrapped(is_optional=True), PerRoute()),
    ],
)
def test_a_wrapper_may_turn_the_filter_off_or_on_without_a_configuration(
    entry: dict[str, Any], expected: PerRoute
) -> None:
    assert read(entry) == expected


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ({"@type": "type.googleapis.com/acme.PerRoute"}, "acme.PerRoute is not modelled"),
        (wrapped(config={"@type": "type.googleapis.com/acme.PerRoute"}), "acme.PerRoute is not modelled"),
        (typed("buffer.v3.BufferPerRoute", disabled="perhaps"), "disabled"),
    ],
)
def test_what_is_not_modelled_or_cannot_be_decoded_is_a_fault(entry: dict[str, Any], why: str) -> None:
    read_entry = read(entry)
    assert read_entry.configuration is None
    assert why in read_entry.fault
