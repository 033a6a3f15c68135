"""Local rate limits among other filters: as a real Envoy applies them."""

from __future__ import annotations

import pytest
from hypothesis import given

from . import limits
from .amounts import configurations
from .real_envoy import RealEnvoy
from .scenes import Scene

pytestmark = pytest.mark.oracle


@configurations(20)
@given(limits.scenes)
def test_local_rate_limits(envoy: RealEnvoy, scene: Scene) -> None:
    scene.play(envoy)
