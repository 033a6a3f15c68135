"""A check's context shares what the mesh has worked out, and notes the kinds that this check read."""

from __future__ import annotations

from meshscope.envoy.resource import CLUSTER
from meshscope.istio.provenance import ObjectRef
from meshscope.mesh.context import GRAPH_KINDS, Context
from meshscope.mesh.network.network import NETWORK_KINDS, Network

from .meshes import WEBSITE, captured, manifest, mesh_of, recorded


def test_each_reader_has_its_own_record() -> None:
    mesh = recorded(WEBSITE)
    first, second = Context(mesh), Context(mesh)
    assert first.resources(first.proxies[0], CLUSTER) == mesh.proxies[0].resources(CLUSTER)
    (found,) = first.objects_of("Gateway", "networking.istio.io", "default")
    assert first.object_named(found.ref) is found
    assert first.object_named(ObjectRef("", "Pod", "default", "gone")) is None
    assert len(first.answers_of("debug/syncz")) == 1
    assert first.touched == {CLUSTER, "Gateway.networking.istio.io", "Pod", "debug/syncz"}
    assert second.touched == frozenset()


def test_graph_and_network_are_the_meshs_own_and_noted_though_they_are_there_already() -> None:
    mesh = recorded(WEBSITE)
    graph, network = mesh.graph(mesh.proxies[0]), mesh.network
    context = Context(mesh)
    assert context.graph(context.proxies[0]) is graph
    assert context.touched == GRAPH_KINDS
    assert context.network is network
    assert context.touched == GRAPH_KINDS | NETWORK_KINDS


def test_a_network_reads_the_kinds_that_are_noted_for_it() -> None:
    service = manifest("Service", "web", spec={"ports": [{"port": 80}]})
    mesh = mesh_of(captured("m.json", service))
    context = Context(mesh)
    network = Network(context, mesh.pod_at)
    for host in network.services:
        network.backends(host, host.ports[0])
    assert (network.pods, network.node_addresses) == ((), frozenset())
    assert context.touched == NETWORK_KINDS
