from __future__ import annotations

from meshscope.effect.gateway_conflicts import qualified
from meshscope.effect.written import Written
from meshscope.istio.kubernetes import decode
from meshscope.istio.objects.gateway import Gateway
from meshscope.snapshot.snapshot import Problem

from ..mesh.meshes import captured, manifest, mesh_of


def test_hosts_of_two_namespaces_are_two_hosts() -> None:
    """As istiod 1.14 does, which makes a filter chain of both."""
    keys = []
    for namespace in ("one", "two"):
        spec = {"servers": [{"port": {"number": 443}, "hosts": ["./*", "a.example", "*/b.example"]}]}
        item = mesh_of(
            captured("g.json", manifest("Gateway", "g", "networking.istio.io", namespace, spec=spec))
        ).objects[0]
        value = decode(item, Gateway)
        assert not isinstance(value, Problem)
        keys.append(qualified(Written(item, value), value.spec.servers[0]))
    assert keys == [{f"{namespace}/*", "a.example", "*/b.example"} for namespace in ("one", "two")]
