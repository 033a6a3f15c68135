from __future__ import annotations

from typing import Any

import pytest

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.matching.header import header_matches
from meshscope.simulation.matching.string import NEWEST
from meshscope.xds.matcher import HeaderMatcher, StringMatcher

from ..walks import entry, filter_list, request, request_after


def matched(name: str, after: HttpRequest) -> str:
    asked = HeaderMatcher(name=name, string_match=StringMatcher(exact="NL"))
    return str(header_matches(asked, after, NEWEST, individually=False).answer)


def geoip(common: dict[str, Any]) -> Any:
    kind = "type.googleapis.com/envoy.extensions.geoip_providers.maxmind.v3.MaxMindConfig"
    config = {"@type": kind, "common_provider_config": common}
    return filter_list(entry("geoip.v3.Geoip", provider={"name": "p", "typed_config": config}))


@pytest.mark.parametrize("spelling", ["geo_headers_to_add", "geo_field_keys"])
def test_where_a_client_is_is_unknown_whatever_it_says_itself(spelling: str) -> None:
    filters = geoip({spelling: {"country": "X-Country", "city": "x-city"}})
    for asking in (request(), request("/", ("x-country", "NL"))):
        after = request_after(filters, asking)
        assert matched("x-country", after) == "unknown"
        assert matched("X-City", after) == "unknown"
        assert matched("x-region", after) == "no"
        assert after.headers == asking.headers


def test_a_header_that_is_not_written_is_known() -> None:
    assert matched("x-country", request_after(geoip({}), request("/", ("x-country", "NL")))) == "yes"
