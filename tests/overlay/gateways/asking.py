"""Requests to the gateways of the recorded mesh, and meshes with objects of the Gateway API that are applied to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from meshscope.effect.answer import State
from meshscope.effect.configuration import Configuration
from meshscope.effect.effects import effects, kind_of
from meshscope.mesh.mesh import Mesh
from meshscope.overlay.what_if import WhatIf
from meshscope.simulation.journey.simulator import Simulator
from meshscope.simulation.request import Request
from meshscope.simulation.trace import Trace
from tests.effect import recorded

HOSTS = (
    "shop.example.com",
    "www.example.com",
    "x.apps.example.com",
    "admin.example.com",
    "secure.example.com",
    "cart.edge.example.com",
    "api.partner.example",
    "api2.partner.example",
    "cart.new.example.com",
    "pay.example.com",
)
PATHS = ("/", "/cart/v2/x", "/v1/x")


@cache
def gateways() -> Mesh:
    """Nothing in it says which objects istiod has, so that new ones may be among them."""
    return recorded.without_configz("gateways")


def asked(mesh: Mesh) -> Iterator[Request]:
    for proxy in mesh.proxies:
        if mesh.kind_of(proxy) == "gateway":
            for host in HOSTS:
                yield from (Request(source=proxy.name, dest=f"http://{host}{path}") for path in PATHS)
                yield Request(source=proxy.name, dest=f"https://{host}/")
            yield Request(source=proxy.name, dest="tcp://any:9000")


def answers(what_if: WhatIf) -> list[Trace]:
    """As they would be."""
    simulator = Simulator(what_if.mesh)
    return [what_if.doubted(simulator.trace(one)) for one in asked(what_if.mesh)]


def not_as_expected(mesh: Mesh, refs: Iterable[str]) -> list[str]:
    """What `effect` says of the proxies of a rebuilt mesh that is not in effect."""
    configuration = Configuration(mesh)
    items = [item for item in mesh.objects if str(item) in refs and kind_of(item)]
    found = (one for item in items for one in effects(configuration, item, configuration.clients))
    return [
        f"{one.object} {one.rule} {one.proxy}: {one.because}"
        for one in found
        if one.proxy and one.state is not State.IN_EFFECT
    ]
