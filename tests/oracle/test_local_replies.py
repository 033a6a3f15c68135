"""Random mappers of Envoy's own answers: the client gets the status that a real Envoy gives."""

from __future__ import annotations

import pytest
from hypothesis import given

from . import filters, replies, routes
from .amounts import configurations
from .real_envoy import RealEnvoy
from .scenes import Scene, scenes

pytestmark = pytest.mark.oracle


@configurations(40)
@given(scenes(routes.tables(filters.per_filter), filters.lists, replies.configured))
def test_local_replies(envoy: RealEnvoy, scene: Scene) -> None:
    scene.play(envoy)
