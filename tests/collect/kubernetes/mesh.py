"""A cluster of tests: Bookinfo, one native sidecar, one istiod; and what meshscope has of it afterwards."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import yaml
from msgspec.structs import replace

from meshscope.collect.live import Live
from meshscope.collect.opening import open_snapshot
from meshscope.istio.manifest import read_objects
from meshscope.snapshot.snapshot import Snapshot
from meshscope.work import UNFOLLOWED, Work

from .objects import Json, Objects

DATA = Path(__file__).parents[2] / "data"
ISTIOD_DATA = DATA / "kubernetes" / "istiod"
LIVE = Live(timeout=5.0, deadline=20.0, now=lambda: "2026-08-01T00:00:00Z")
ISTIOD = "istiod-7d4b9c6f5-x2x8p"
PROXIES = {
    "cart-v1-2da633a5f4-d838d.shop",
    "details-v1-deeb20a156-6ebbd.default",
    "istio-ingressgateway-bc70f77432-0efe7.istio-system",
    "reviews-v1-e763e1a2ab-6336a.default",
    "reviews-v2-7a244bf231-2a6a1.default",
}
ALL_PROXIES = PROXIES | {
    "details-v1-deeb20a156-ffa25.default",
    "productpage-v1-12eae82901-8b536.default",
    "ratings-v1-434d6d2382-18b05.default",
    "reviews-v3-161edf7bf7-51115.default",
    "sleep-4c000f4388-b71ee.default",
}
_FEW = {ISTIOD, "legacy-v1-ccecce207d-55cb6", *(name.partition(".")[0] for name in PROXIES)}


def bookinfo(*, whole: bool = False) -> Objects:
    """With all its pods, or with seven: PROXIES, an istiod, one without a proxy."""
    documents: list[Json] = json.loads(_manifests())
    return Objects(one for one in documents if whole or one["kind"] != "Pod" or one["metadata"]["name"] in _FEW)


@cache
def _manifests() -> str:
    files = (*sorted((DATA / "small" / "manifests").glob("*.yaml")), DATA / "kubernetes" / "pods.yaml")
    return json.dumps([one for file in files for one in yaml.safe_load_all(file.read_text()) if one])


def admin(path: str) -> tuple[int, bytes]:
    """What an Envoy that has nothing answers; its dump says what it was asked for."""
    kind = path.strip("/").partition("?")[0]
    return 200, json.dumps({"kind": kind, "configs": []}).encode()


def istiod(path: str) -> tuple[int, bytes]:
    """Of what a real one has, little."""
    name = path.removeprefix("/debug/").removeprefix("/")
    if name == "list":
        return 200, b'["connections", "mesh", "push_status"]'
    file = ISTIOD_DATA / ("version" if name == "version" else f"{name}.json")
    return (200, file.read_bytes()) if file.is_file() else (404, b"404 page not found")


def collected(
    kubeconfig: Path,
    source: str = "k8s:",
    *,
    live: Live = LIVE,
    work: Work = UNFOLLOWED,
) -> Snapshot:
    return open_snapshot(source, live=replace(live, kubeconfig=str(kubeconfig)), work=work)


def objects(snapshot: Snapshot, kind: str) -> list[str]:
    """The objects of a kind, by name, as the program reads them."""
    manifests = [one.document for one in snapshot.captured if one.kind == "manifests" and not one.document.failure]
    return sorted(one.name for document in manifests for one in read_objects(document)[0] if one.kind == kind)


def proxies(snapshot: Snapshot) -> set[str]:
    """Pods of which there is a configuration."""
    captured = [one for one in snapshot.captured if one.kind == "config_dump" and not one.document.failure]
    return {str(one.owner) for one in captured}


def lost(snapshot: Snapshot) -> dict[str, str]:
    """Documents that did not come, and why."""
    return {one.document.name: one.document.failure for one in snapshot.captured if one.document.failure}
