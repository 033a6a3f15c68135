"""The services of ports that share a listener for all addresses, as istiod (1.14, 1.32) makes them in its dumps."""

from __future__ import annotations

from typing import Any

import pytest

from meshscope.effect.configuration import Configuration
from meshscope.effect.defaults.clusters import BLACK_HOLE, PASSTHROUGH
from meshscope.effect.defaults.listeners import default_listeners

from ...mesh.meshes import bootstrap, captured, dump, manifest, mesh_of


def leads_to(mode: str, *entries: tuple[str, dict[str, Any]]) -> frozenset[str]:
    """Of the listener of port 82, for ServiceEntries with that port and these protocols and fields."""
    items = [
        manifest(
            "ServiceEntry",
            f"entry{number}",
            "networking.istio.io",
            spec={
                "hosts": [f"{number}.example"],
                "resolution": "DNS",
                "ports": [{"number": 82, "name": "p", "protocol": protocol}],
                **spec,
            },
        )
        for number, (protocol, spec) in enumerate(entries)
    ]
    policy = {"outboundTrafficPolicy": {"mode": mode}}
    config = manifest("ConfigMap", "istio", namespace="istio-system", data={"mesh": str(policy)})
    documents = (captured(f"{number}.json", item) for number, item in enumerate((config, *items)))
    configuration = Configuration(mesh_of(dump(bootstrap()), *documents))
    (client,) = configuration.clients
    (found,) = [one for one in default_listeners(configuration, client) if one.name == "0.0.0.0_82"]
    return found.leads_to


@pytest.mark.parametrize("mode", ["ALLOW_ANY", "REGISTRY_ONLY"])
@pytest.mark.parametrize(
    ("protocol", "spec", "has_rest"),
    [
        ("HTTP", {}, True),
        ("TLS", {}, True),
        ("TCP", {}, False),
        ("", {}, False),
        ("TCP", {"addresses": ["10.98.0.0/24"], "resolution": "NONE"}, True),
    ],
)
def test_a_service_that_takes_every_connection_leaves_none(
    mode: str, protocol: str, spec: dict[str, Any], has_rest: bool
) -> None:
    rest = PASSTHROUGH if mode == "ALLOW_ANY" else BLACK_HOLE
    assert (rest in leads_to(mode, (protocol, spec))) is has_rest


def test_it_leaves_none_of_what_the_others_do_not_take() -> None:
    assert PASSTHROUGH not in leads_to("ALLOW_ANY", ("HTTP", {}), ("TCP", {}))
    assert PASSTHROUGH in leads_to("ALLOW_ANY", ("HTTP", {}), ("TLS", {}))
