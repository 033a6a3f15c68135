from __future__ import annotations

import pytest

from meshscope.listing.registry import kind_named
from meshscope.listing.selection import Selection
from meshscope.tui.istioctl_line import istioctl_line

POD = "reviews-v1-abc.default"


@pytest.mark.parametrize(
    ("kind", "selection", "line"),
    [
        ("proxies", Selection(), "istioctl proxy-status"),
        ("proxies", Selection(namespace="default"), ""),
        ("routes", Selection(proxy=POD, name="9080"), f"istioctl proxy-config route {POD} --name 9080"),
        (
            "clusters",
            Selection(proxy=POD, fqdn="a.b", port=80),
            f"istioctl proxy-config cluster {POD} --port 80 --fqdn a.b",
        ),
        (
            "endpoints",
            Selection(proxy=POD, cluster="outbound|80||a"),
            f"istioctl proxy-config endpoint {POD} --cluster 'outbound|80||a'",
        ),
        ("secrets", Selection(proxy=POD), f"istioctl proxy-config secret {POD}"),
        ("vs", Selection(), "kubectl get virtualservices.networking.istio.io -A"),
        ("vs", Selection(namespace="a"), "kubectl get virtualservices.networking.istio.io -n a"),
    ],
)
def test_what_istioctl_or_kubectl_lists_too_has_a_line(kind: str, selection: Selection, line: str) -> None:
    assert istioctl_line(kind_named(kind), selection) == line


@pytest.mark.parametrize(
    ("kind", "selection"),
    [
        ("routes", Selection()),  # of all proxies
        ("routes", Selection(proxy="reviews")),  # several pods may have this name
        ("routes", Selection(proxy="-x.y; rm")),
        ("routes", Selection(proxy=POD, port=80)),
        ("clusters", Selection(proxy=POD, fqdn="*.b")),  # a pattern of ours alone
        ("clusters", Selection(proxy=POD, state="all")),
        ("filterchains", Selection(proxy=POD)),
        ("services", Selection()),  # not those of Kubernetes alone
        ("vs", Selection(name="reviews*")),
    ],
)
def test_what_they_would_list_otherwise_has_none(kind: str, selection: Selection) -> None:
    assert not istioctl_line(kind_named(kind), selection)
