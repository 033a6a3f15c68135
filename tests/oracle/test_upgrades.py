"""Upgrades and CONNECT, and the filters of each: as a real Envoy lets them pass."""

from __future__ import annotations

import pytest
from hypothesis import given

from . import upgrades
from .amounts import configurations
from .real_envoy import RealEnvoy
from .scenes import Scene

pytestmark = pytest.mark.oracle


@configurations(30)
@given(upgrades.scenes)
def test_upgrades(envoy: RealEnvoy, scene: Scene) -> None:
    scene.play(envoy)
