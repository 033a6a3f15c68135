"""Filter lists made of JSON, and walks of requests through them."""

from __future__ import annotations

import json
from typing import Any

from msgspec import Raw

from meshscope.location import Document, Location
from meshscope.simulation.connection import Connection, HttpRequest
from meshscope.simulation.endings import End
from meshscope.simulation.http_filters.chain import HttpFilters
from meshscope.simulation.http_filters.filter import FilterContext, FilterOutcome, FilterOutcomes, Reroute, RouteScope
from meshscope.simulation.trace import Response
from meshscope.simulation.trace_options import TraceOptions
from meshscope.xds.extension import Extension
from meshscope.xds.message import decode
from meshscope.xds.route import Route, RouteConfiguration, VirtualHost

HTTP = "type.googleapis.com/envoy.extensions.filters.http."
PLACE = Location(Document.of("envoy.json", b"{}"), ("http_filters",))
GRPC = ("content-type", "application/grpc")


def typed(kind: str, **config: Any) -> dict[str, Any]:
    """`fault.v3.HTTPFault` as a whole message."""
    return {"@type": HTTP + kind, **config}


def entry(kind: str, name: str = "it", **config: Any) -> Extension:
    return extension({"name": name, "typed_config": typed(kind, **config)})


def extension(value: dict[str, Any]) -> Extension:
    decoded = decode(json.dumps(value).encode(), Extension)
    assert isinstance(decoded, Extension), decoded
    return decoded


def filter_list(*filters: Extension, **more: Any) -> HttpFilters:
    """The filters and the router at the end."""
    return HttpFilters((*filters, entry("router.v3.Router", "router")), location=PLACE, **more)


def request(path: str = "/", *headers: tuple[str, str], **fields: Any) -> HttpRequest:
    client = {"client_ip": "10.0.0.1", "authority": "shop.example"}
    return HttpRequest(path=path, headers=headers, **{**client, **fields})


def scope(route: Any = None, host: Any = None, table: Any = None, name: str = "it") -> RouteScope:
    """A forwarding route, with each level's configuration for the filter `name`."""

    def per_filter(config: Any) -> dict[str, Raw]:
        return {} if config is None else {name: Raw(json.dumps(config).encode())}

    forwarding = decode(b'{"name": "r", "route": {"cluster": "up"}}', Route)
    assert isinstance(forwarding, Route)
    return RouteScope(
        table=RouteConfiguration(name="t", typed_per_filter_config=per_filter(table)),
        virtual_host=VirtualHost(name="v", typed_per_filter_config=per_filter(host)),
        route=Route(name="r", route=forwarding.route, typed_per_filter_config=per_filter(route)),
        cluster="up",
    )


def context(**fields: Any) -> FilterContext:
    """`at`, `claims` and `explain` are the trace's options."""
    options = TraceOptions(**{name: fields.pop(name) for name in ("at", "claims", "explain") if name in fields})
    connection = Connection(source_ip="10.0.0.1", destination_port=80)
    return FilterContext(**{"route": scope(), "connection": connection, "options": options, **fields})


def outcomes(
    filters: HttpFilters, client_request: HttpRequest, filter_context: FilterContext | None = None
) -> FilterOutcomes:
    return filters.walk(client_request, filter_context or context())


def only(
    filters: HttpFilters, client_request: HttpRequest, filter_context: FilterContext | None = None
) -> FilterOutcome:
    (outcome,) = outcomes(filters, client_request, filter_context)
    return outcome


def answer(
    filters: HttpFilters, client_request: HttpRequest, filter_context: FilterContext | None = None
) -> Response | None:
    """The filters' answer; None where they certainly let the request pass."""
    outcome = only(filters, client_request, filter_context)
    if isinstance(outcome.value, End):
        return outcome.value.response
    assert not outcome.assuming, outcome.assuming
    return None


def request_after(
    filters: HttpFilters, client_request: HttpRequest, filter_context: FilterContext | None = None
) -> HttpRequest:
    """The request as the router sees it."""
    value = only(filters, client_request, filter_context).value
    assert not isinstance(value, End), value
    return value.request if isinstance(value, Reroute) else value


def access_log(response: Response | None) -> tuple[int, str, str] | None:
    """Code, flags and details."""
    return None if response is None else (response.code, response.flags, response.details)
