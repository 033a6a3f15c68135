"""Random listeners and filter chains: a trace hands over, detects, chooses a chain and closes as a real Envoy does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from . import connections
from .amounts import configurations
from .judging import compare
from .real_envoy import RealEnvoy
from .requests import Call

pytestmark = pytest.mark.oracle


@configurations(60)
@given(st.data(), connections.calls)
def test_connections(envoy: RealEnvoy, data: st.DataObject, calls: list[Call]) -> None:
    compare(envoy, data.draw(connections.listeners(envoy.access_log(), envoy.port)), calls)
