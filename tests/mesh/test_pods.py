from __future__ import annotations

from typing import Any

from meshscope.mesh import pods

from .meshes import GATEWAY, NGINX, WEBSITE, bootstrap, captured, clusters, dump, manifest, mesh_of, recorded


def pod(name: str, *ips: str, **spec: Any) -> dict[str, Any]:
    status = {"podIP": ips[0] if ips else "", "podIPs": [{"ip": ip} for ip in ips]}
    return manifest("Pod", name, namespace="", spec=spec, status=status)


def test_an_address_is_that_of_the_proxy_that_names_it() -> None:
    mesh = recorded(WEBSITE)
    assert (mesh.pod_at("10.20.1.10"), mesh.pod_at("10.20.1.99"), mesh.pod_at("")) == (NGINX, None, None)
    assert set(pods.of_proxies(mesh.proxies).values()) == {GATEWAY, NGINX}


def test_a_pod_of_the_manifests_owns_all_its_addresses() -> None:
    mesh = mesh_of(captured("p.json", pod("web", "10.0.0.5", "2001:db8::5")))
    assert {mesh.pod_at(ip) for ip in ("10.0.0.5", "2001:db8::5")} == {"web.default"}


def test_a_pod_on_its_nodes_network_owns_no_address() -> None:
    mesh = mesh_of(captured("p.json", pod("agent", "10.0.0.5", hostNetwork=True)), captured("q.json", pod("pending")))
    assert mesh.pod_at("10.0.0.5") is None
    assert mesh.pod_at("") is None


def test_a_proxy_wins_over_a_manifest() -> None:
    mesh = mesh_of(dump(bootstrap("a.shop", "10.0.0.5"), clusters()), captured("p.json", pod("old", "10.0.0.5")))
    assert mesh.pod_at("10.0.0.5") == "a.shop"
