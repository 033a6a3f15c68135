from __future__ import annotations

import pytest

from meshscope.simulation.bounded_cache import BoundedCache
from meshscope.simulation.proxy.compiled_proxy import CompiledProxy
from meshscope.simulation.proxy.services import why_unreachable
from meshscope.simulation.proxy.unread import UnreadResources
from tests.mesh.meshes import clusters, dump, mesh_of, static


@pytest.mark.parametrize(
    ("name", "because"),
    [
        ("there", ""),
        ("empty", "cluster empty has no host that may be chosen"),
        ("gone", "there is no cluster gone"),
        ("dns", ""),
    ],
)
def test_a_service_without_a_cluster_or_a_host_cannot_be_reached(name: str, because: str) -> None:
    named = {"name": "dns", "type": "ORIGINAL_DST", "lb_policy": "CLUSTER_PROVIDED"}
    mesh = mesh_of(dump(clusters(static("there", "10.0.0.7:80"), static("empty"), named)))
    proxy = CompiledProxy(mesh, mesh.proxies[0], BoundedCache(1), UnreadResources())
    assert why_unreachable(proxy, name) == because
