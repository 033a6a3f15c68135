from __future__ import annotations

import pytest

from meshscope.simulation.connection import Envoy
from meshscope.simulation.route.virtual_clusters import VirtualClusters
from meshscope.xds.route import VirtualHost

from ..reading import asking, read

GET = {"name": ":method", "string_match": {"exact": "GET"}}
RIDES = {"name": ":path", "string_match": {"prefix": "/rides"}}
CLUSTERS = [{"name": "get_rides", "headers": [RIDES, GET]}, {"name": "rides", "headers": [RIDES]}]


@pytest.mark.parametrize(
    ("path", "method", "name"),
    [("/rides", "GET", "get_rides"), ("/rides/1", "POST", "rides"), ("/users", "GET", "other")],
)
def test_the_first_one_all_of_whose_headers_match_counts(path: str, method: str, name: str) -> None:
    host = read(VirtualHost, {"virtual_clusters": CLUSTERS})
    assert VirtualClusters(host, Envoy()).name(asking(path, method=method)) == name


def test_a_virtual_host_without_any_counts_under_no_name() -> None:
    assert VirtualClusters(VirtualHost(), Envoy()).name(asking()) == ""


def test_a_matcher_that_nobody_knows_makes_the_name_unknown() -> None:
    odd = {"name": ":path", "string_match": {"custom": {"name": "mine"}}}
    host = read(VirtualHost, {"virtual_clusters": [{"name": "odd", "headers": [odd]}, *CLUSTERS]})
    assert VirtualClusters(host, Envoy()).name(asking("/rides")) is None
