"""Words of requests, as proxies know them."""

from __future__ import annotations

from meshscope.listing.request_words import headers, urls
from meshscope.mesh.mesh import Mesh

from ..mesh.meshes import bootstrap, dump, mesh_of, routes


def mesh() -> Mesh:
    def host(domain: str, *matches: dict[str, object]) -> dict[str, object]:
        return {"name": domain, "domains": [domain, "*.wild"], "routes": [{"match": match} for match in matches]}

    jason = {"name": "end-user", "string_match": {"exact": "jason"}}
    host_header = {"name": ":authority", "string_match": {"exact": "x"}}
    tables = (
        {"name": "9080", "virtual_hosts": [host("reviews", {"prefix": "/reviews", "headers": [jason, host_header]})]},
        {
            "name": "https.443.x",
            "virtual_hosts": [host("shop.example", {"path": "/cart"}, {"safe_regex": {"regex": "x"}})],
        },
        {"name": "80", "virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [{"match": {"prefix": "/y"}}]}]},
    )
    return mesh_of(dump(bootstrap(), routes(*tables)))


def test_urls_have_the_port_or_scheme_of_their_table_and_the_paths_of_its_routes() -> None:
    assert list(urls(mesh(), mesh().proxies)) == [
        "http://reviews:9080/",
        "http://reviews:9080/reviews",
        "https://shop.example/",
        "https://shop.example/cart",
    ]


def test_headers_that_routes_ask_for_have_their_values_and_pseudo_headers_are_none() -> None:
    assert list(headers(mesh().proxies)) == ["end-user: jason"]
