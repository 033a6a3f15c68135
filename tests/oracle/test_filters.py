"""Random RBAC, faults, CORS and CSRF, with what tables, virtual hosts and routes say of them."""

from __future__ import annotations

import pytest
from hypothesis import given

from . import filters, routes
from .amounts import configurations
from .real_envoy import RealEnvoy
from .scenes import Scene, scenes

pytestmark = pytest.mark.oracle


@configurations(50)
@given(scenes(routes.tables(filters.per_filter), filters.lists))
def test_filters(envoy: RealEnvoy, scene: Scene) -> None:
    scene.play(envoy)
