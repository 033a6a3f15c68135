"""Random route tables: a trace chooses the virtual host, the route and the cluster that a real Envoy chooses."""

from __future__ import annotations

import pytest
from hypothesis import given

from . import routes
from .amounts import configurations
from .real_envoy import RealEnvoy
from .scenes import Scene, scenes

pytestmark = pytest.mark.oracle


@configurations(70)
@given(scenes(routes.tables()))
def test_route_tables(envoy: RealEnvoy, scene: Scene) -> None:
    scene.play(envoy)
