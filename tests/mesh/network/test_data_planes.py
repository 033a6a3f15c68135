from __future__ import annotations

import pytest

from meshscope.istio.kubernetes.pod import Container
from meshscope.mesh.network.data_planes import unmodelled


@pytest.mark.parametrize(
    ("name", "image", "expected"),
    [
        ("proxy", "cr.agentgateway.dev/agentgateway:v1.0", "agentgateway"),
        ("agentgateway", "mirror/x@sha256:ab", "agentgateway"),
        ("linkerd-proxy", "", "Linkerd's proxy"),
        ("nginx", "docker.io/nginx:1.27", ""),
        ("app", "team/agentgateway-tests:1", ""),
    ],
)
def test_a_data_plane_is_known_by_its_containers_name_or_image(name: str, image: str, expected: str) -> None:
    assert unmodelled([Container(name="app", image="app"), Container(name=name, image=image)]) == expected
