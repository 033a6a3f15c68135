"""A real Envoy takes the clusters that a what-if rebuilds, whatever a DestinationRule says of them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from meshscope.envoy.resource import CLUSTER

from ..overlay.asking import mesh_of
from ..overlay.clusters.settings import SETTINGS
from ..overlay.clusters.test_policy_body import NAME, applied
from .real_envoy import binary
from .test_rebuilt_gateways import ADS, Json, body, bootstrap

pytestmark = pytest.mark.oracle
SDS = {**ADS, "name": "sds-grpc", "load_assignment": {"cluster_name": "sds-grpc"}}


def test_each_setting_is_valid(tmp_path: Path) -> None:
    clusters = []
    for number, setting in enumerate(SETTINGS):
        mesh = applied(mesh_of("services"), setting).mesh
        proxy = next(one for one in mesh.proxies if one.name.startswith("sleep"))
        resource = proxy.resource(CLUSTER, NAME)
        assert resource
        found: Json = body(resource.canonical())
        clusters.append({**found, "name": f"{number}", "alt_stat_name": ""})
    config = tmp_path / "envoy.json"
    whole = bootstrap([])
    whole["static_resources"]["clusters"] += [SDS, *clusters]
    config.write_text(json.dumps(whole))
    done = subprocess.run([binary(), "--mode", "validate", "-c", config], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
