"""Filters that change the request, clear the route, or answer late, followed by RBAC: as a real Envoy judges it."""

from __future__ import annotations

import pytest
from hypothesis import given

from . import interplay
from .amounts import configurations
from .real_envoy import RealEnvoy
from .scenes import Scene

pytestmark = pytest.mark.oracle


@configurations(40)
@given(interplay.scenes)
def test_interplay(envoy: RealEnvoy, scene: Scene) -> None:
    scene.play(envoy)
