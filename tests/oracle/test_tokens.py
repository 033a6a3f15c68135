"""JSON Web Tokens, and what their claims do to headers and routes: as a real Envoy judges them."""

from __future__ import annotations

import pytest
from hypothesis import given

from . import tokens
from .amounts import configurations
from .real_envoy import RealEnvoy
from .scenes import Scene

pytestmark = pytest.mark.oracle


@configurations(30)
@given(tokens.scenes)
def test_tokens(envoy: RealEnvoy, scene: Scene) -> None:
    scene.play(envoy)
