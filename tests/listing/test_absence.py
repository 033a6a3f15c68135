from __future__ import annotations

from meshscope.listing.absence import nothing_named
from meshscope.listing.registry import kind_named
from meshscope.listing.selection import Selection

from ..mesh.meshes import GATEWAY, WEBSITE, recorded


def test_what_is_not_there_is_said_with_its_proxy_and_the_nearest_names() -> None:
    mesh = recorded(WEBSITE)
    cluster, service = kind_named("cluster"), kind_named("svc")
    assert nothing_named(mesh, cluster, Selection(name="agend", proxy=GATEWAY)) == (
        f"no cluster 'agend' in {GATEWAY}; did you mean agent?"
    )
    assert nothing_named(mesh, service, Selection(name="nginx-servise")).startswith("no service 'nginx-servise'; did")
