"""Which routes of a proxy are made of an object, by what istiod notes in them."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from meshscope.effect.generated import Generated
from meshscope.effect.http_routes.comparison import Actual
from meshscope.effect.http_routes.matches import is_catch_all
from meshscope.effect.http_routes.places import Place
from meshscope.effect.written import Written
from meshscope.istio.objects.virtual_service import VirtualService
from meshscope.istio.owner_text import parse_owner
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.owners import made_from, owner_of
from meshscope.xds.route import Route, VirtualHost


def actual_routes(mesh: Mesh, host: VirtualHost, owner: Written[VirtualService]) -> tuple[Actual, ...]:
    """All of a virtual host; those that are made of `owner` are marked."""
    named = [(route, made_from(route.metadata, route.name, mesh) or "") for route in host.routes]
    return tuple(
        Actual(index, route, is_made_of(owner, route, made), made) for index, (route, made) in enumerate(named)
    )


def is_made_of(owner: Written[VirtualService], route: Route, made: str) -> bool:
    """By the object itself. One that istiod made may have rules of several routes: words tell them apart, or their names."""
    found = owner_of(route.metadata)
    if found is None or found.kind != owner.item.kind:
        return False
    is_it = found == replace(owner.item.ref, namespace=owner.namespace)
    if not isinstance(owner, Generated):
        return is_it
    words = parse_owner(made)
    if words and words.kind != owner.item.kind:
        return words.whole in owner.sources
    return (is_it or found.name in owner.names) and any(route.name == rule.name for rule in owner.value.spec.http)


def ended_by(place: Place, owner: Written[VirtualService], actual: Iterable[Actual]) -> str:
    """Of routes of several objects that istiod merges: one of another that takes every request, behind which it sends none."""
    if not isinstance(owner, Generated):
        return ""
    last = next((one for one in actual if not one.is_ours and is_catch_all(one.route.match)), None)
    if last is None or last.owner.partition(" ")[0] == "VirtualService":
        return ""
    return f"route {last.index} of {place.virtual_host} takes every request, and istiod sends none behind it ({last.owner})"
