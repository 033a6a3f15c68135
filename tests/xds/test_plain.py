from __future__ import annotations

import msgspec
import pytest

from meshscope.effect.http_routes.facts import facts_of
from meshscope.mesh.virtual_hosts import virtual_hosts
from meshscope.xds.message import decode
from meshscope.xds.plain import plain
from meshscope.xds.rbac import Permission, Policy, Principal
from meshscope.xds.route import Route, VirtualHost

from ..overlay.asking import mesh_of


@pytest.mark.parametrize("name", ["bookinfo", "gateways", "services"])
def test_a_typed_route_reads_again_as_itself(name: str) -> None:
    for proxy in mesh_of(name).proxies:
        for table in proxy.route_tables():
            for host in virtual_hosts(table):
                for route in host.routes if isinstance(host, VirtualHost) else ():
                    again = decode(msgspec.json.encode(plain(route)), Route)
                    assert (plain(again), facts_of(route)) == (
                        plain(route),
                        isinstance(again, Route) and facts_of(again),
                    )


def test_a_choice_that_is_false_or_empty_is_kept() -> None:
    policy = Policy(permissions=(Permission(not_rule=Permission(any=True)),), principals=(Principal(any=True),))
    assert plain(policy) == {"permissions": [{"not_rule": {"any": True}}], "principals": [{"any": True}]}
