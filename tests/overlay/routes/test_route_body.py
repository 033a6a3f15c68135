"""Routes that are made anew, against those that a real istiod made of the same rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from meshscope.effect.configuration import Configuration
from meshscope.effect.effects import effects
from meshscope.envoy.resource import ROUTES
from meshscope.mesh.mesh import Mesh
from meshscope.overlay.what_if import WhatIf
from tests.effect.test_version_rules import under

from ..asking import edited, item, mesh_of

TOLD_NOWHERE = ("filter_enabled", "trace_sampled")
"""A share of 100 %; no sampling of what is mirrored."""


def routes(mesh: Mesh) -> dict[tuple[str, str], Any]:
    return {
        (proxy.name, table.name): without(msgspec.json.decode(table.canonical()))
        for proxy in mesh.proxies
        for table in proxy.resources(ROUTES)
        if table.in_effect
    }


def without(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without(member) for key, member in value.items() if key not in TOLD_NOWHERE}
    if isinstance(value, list):
        return [without(member) for member in value]
    return value.replace("0.500s", "0.5s") if isinstance(value, str) else value


RULES = [
    (name, str(each))
    for name in ("bookinfo", "gateways", "services")
    for each in mesh_of(name).objects
    if each.kind == "VirtualService"
]


@pytest.mark.parametrize(("name", "ref"), RULES)
def test_a_route_that_is_made_anew_is_written_as_istiod_does(name: str, ref: str) -> None:
    """All of it, with what no rule says: retries, preflights, the metadata."""
    mesh = mesh_of(name)
    one = item(mesh, ref)
    back = WhatIf(WhatIf(mesh, [], without=[one.ref]).mesh, [one])
    assert routes(back.mesh) == routes(mesh)


RETRIES: tuple[dict[str, Any], ...] = (
    {"backoff": "50ms"},
    {"retryIgnorePreviousHosts": False},
    {"retryIgnorePreviousHosts": True, "retryRemoteLocalities": True},
)


@pytest.mark.parametrize("said", RETRIES)
def test_retries_are_written_as_effect_expects_them(said: dict[str, Any]) -> None:
    mesh = mesh_of("bookinfo")
    retries = {"attempts": 2, "retryOn": "5xx", **said}
    rule = {"route": [{"destination": {"host": "reviews", "subset": "v1"}}], "retries": retries}
    one = edited(mesh, "VirtualService default/reviews", http=[rule])
    what_if = WhatIf(mesh, [one])
    configuration = Configuration(what_if.mesh)
    found = effects(configuration, one, configuration.clients, is_applied=True)
    assert [str(each) for effect in found for each in effect.differences] == []
    policies = {json_of(each) for each in _policies(routes(what_if.mesh))}
    assert len(policies - {json_of(each) for each in _policies(routes(mesh))}) == 1


def json_of(value: Any) -> bytes:
    return msgspec.json.encode(value, order="deterministic")


def _policies(value: Any) -> Iterator[Any]:
    for key, member in (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    ):
        if key == "retry_policy":
            yield member
        yield from _policies(member)


@pytest.mark.parametrize(("version", "is_read"), [("1.25.9", False), ("1.26.0", True)])
def test_an_older_control_plane_reads_neither_pauses_nor_hosts(version: str, *, is_read: bool) -> None:
    mesh = under(version)
    retries = {"attempts": 7, "retryOn": "5xx", "backoff": "50ms", "retryIgnorePreviousHosts": False}
    rule = {"route": [{"destination": {"host": "cart.shop.svc.cluster.local"}}], "retries": retries}
    what_if = WhatIf(mesh, [edited(mesh, "VirtualService shop/shop-backend", http=[rule])])
    found = [each for each in _policies(routes(what_if.mesh)) if each["num_retries"] in (7, "7")]
    assert found
    for policy in found:
        assert ("retry_back_off" in policy) is is_read
        assert ("retry_host_predicate" in policy) is not is_read
