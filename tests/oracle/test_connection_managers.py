"""Random connection managers: a trace refuses, normalises and trusts what a real Envoy does."""

from __future__ import annotations

import pytest
from hypothesis import given

from . import routes
from .amounts import configurations
from .real_envoy import RealEnvoy
from .scenes import NONE, Scene, scenes

pytestmark = pytest.mark.oracle


@configurations(50)
@given(scenes(routes.tables(), NONE, routes.managers))
def test_connection_managers(envoy: RealEnvoy, scene: Scene) -> None:
    scene.play(envoy)
