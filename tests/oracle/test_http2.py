"""HTTP/2 and gRPC: a trace tells what a real Envoy does with requests of both, and with what is not allowed in either."""

from __future__ import annotations

import pytest
from hypothesis import given

from . import stream_scenes
from .amounts import configurations
from .real_envoy import RealEnvoy
from .stream_scenes import Scene

pytestmark = pytest.mark.oracle


@configurations(40)
@given(stream_scenes.scenes())
def test_http2(envoy: RealEnvoy, scene: Scene) -> None:
    scene.play(envoy)
