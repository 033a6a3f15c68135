from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.render.abbreviating import MOST, abbreviated

CLUSTER = "outbound|9080|v1|reviews.default.svc.cluster.local"


@pytest.mark.parametrize(
    ("text", "level", "shown"),
    [
        (CLUSTER, 0, CLUSTER),
        (CLUSTER, 1, "outbound|9080|v1|reviews.default…"),
        (CLUSTER, 2, "…|9080|v1|reviews.default…"),
        ("outbound_.9080_.v1_.reviews.default.svc.cluster.local", 2, "…_.9080_.v1_.reviews.default…"),
        ("Cluster: outbound|443||kubernetes.default.svc.mesh.example", 2, "Cluster: …|443||kubernetes.default…"),
        ("reviews.default.svc.cluster.local:9080", 1, "reviews.default…:9080"),
        ("reviews.default.svc.cluster.local.", 1, "reviews.default…"),
        ("a.b.svc.cluster.local, c.d.svc.cluster.local", 1, "a.b…, c.d…"),
        ("spiffe://cluster.local/ns/default/sa/reviews", 1, "…/ns/default/sa/reviews"),
    ],
)
def test_what_all_names_share_goes_first(text: str, level: int, shown: str) -> None:
    assert abbreviated(text, level) == shown


@pytest.mark.parametrize(
    "text",
    [
        "inbound|9080||",
        "PassthroughCluster",
        "virtualOutbound-blackhole",
        "outbound",
        "outbound-proxy",
        "reviews.default.svc",
        "svc.example.com",
        "spiffe://cluster.local/other",
        "https://example.com/ns/",
    ],
)
def test_other_names_are_left_alone(text: str) -> None:
    assert abbreviated(text, MOST) == text


@given(st.text(max_size=80))
def test_a_stronger_level_is_never_longer(text: str) -> None:
    lengths = [len(abbreviated(text, level)) for level in range(MOST + 1)]
    assert lengths == sorted(lengths, reverse=True)
