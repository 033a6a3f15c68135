"""The virtual hosts of one route configuration, as JSON: which has a host, and where a new one stands."""

from __future__ import annotations

from typing import Any

from meshscope.effect.http_routes.places import Place
from meshscope.effect.static_conditions import MESH
from meshscope.overlay.draft import Json

BLACK_HOLE = "blackhole"
"""The virtual host of a gateway's port that no VirtualService serves: it takes every name, and has no route."""
LAST = ("allow_any", "block_all")
"""The virtual hosts of a sidecar for every other name."""


def black_hole(port: int) -> dict[str, Any]:
    """`port` is the server's."""
    return {"name": f"{BLACK_HOLE}:{port}", "domains": ["*"]}


def insert(hosts: list[Any], new: Json) -> None:
    hosts.insert(sorted_place(hosts, new["name"]), new)


def host_at(table: Json, place: Place) -> Json | None:
    """In the table as it is by now. One of a gateway bears the name of the first of its hosts."""
    hosts = [one for one in table.get("virtual_hosts", ()) if not one["name"].startswith(BLACK_HOLE)]
    if named := next((one for one in hosts if one["name"] == place.virtual_host), None):
        return named
    if place.gateway == MESH:
        return None
    domains = (place.host, f"{place.host}:*", place.virtual_host)
    return next((one for domain in domains for one in hosts if domain in one.get("domains", ())), None)


def takes_in(host: Json, new: Json | None, place: Place) -> bool:
    """Whether istiod puts another host of a gateway into the same virtual host: their routes are equal."""
    if new is None or place.gateway == MESH:
        return False
    return all(host.get(field) == new.get(field) for field in ("routes", "require_tls"))


def sorted_place(hosts: list[Json], name: str) -> int:
    """istiod sorts virtual hosts by their names; the one for all that is left comes last."""
    return next((number for number, one in enumerate(hosts) if one["name"] > name or one["name"] in LAST), len(hosts))


def split(host: Json, place: Place) -> tuple[Json, Json | None]:
    """The virtual host of the place alone, and that of the other hosts in it."""
    if place.gateway == MESH:
        return host, None
    own = [domain for domain in host["domains"] if domain.removesuffix(":*") in (place.host, place.virtual_host)]
    others = [domain for domain in host["domains"] if domain not in own]
    if not own or not others:
        return host, None
    name = others[0] if ":" in others[0] else f"{others[0]}:{place.port}"
    rest = {**host, "domains": others, "name": host["name"] if host["name"] != place.virtual_host else name}
    return {**host, "domains": own, "name": place.virtual_host}, rest
