"""What `effect` expects is what istiod generated: scripts/against_istiod.py holds the two against each other."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from tests.recordings import BOOKINFO, BOOKINFO_V2, WEBSITE

from . import recorded
from .recorded import Json

ROOT = Path(__file__).parents[2]
RECORDINGS = [str(one) for one in (BOOKINFO, BOOKINFO_V2, WEBSITE)]
PARTS = [
    str(recorded.DATA / f"{name}.tar.gz") for name in ("gateways", "services")
]  # of the third a part of each dump is left


def _script() -> ModuleType:
    spec = spec_from_file_location("against_istiod", ROOT / "scripts" / "against_istiod.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    sys.modules[spec.name] = module  # where its annotations are looked up
    spec.loader.exec_module(module)
    return module


against_istiod = _script()


@pytest.mark.parametrize("source", RECORDINGS + PARTS)
def test_each_object_is_expected_as_istiod_made_it_and_has_a_name(source: str) -> None:
    result = against_istiod.held(against_istiod.opened(source))
    assert result.expected["route"]
    assert result.expected["cluster"]
    assert not result.unlike
    assert not result.unclaimed


def _timeout(body: Json) -> None:
    body["spec"]["http"][0]["timeout"] = "7.25s"


def _balancer(body: Json) -> None:
    body["spec"]["trafficPolicy"]["loadBalancer"] = {"simple": "ROUND_ROBIN"}


def _elsewhere(body: Json) -> None:
    body["spec"]["hosts"] = ["elsewhere.example"]


def _renamed(body: Json) -> None:
    body["spec"]["ports"][0]["port"] = 81


@pytest.mark.parametrize(
    ("ref", "change", "kind"),
    [
        ("VirtualService default/reviews", _timeout, "route"),
        ("DestinationRule default/reviews", _balancer, "cluster"),
        ("VirtualService default/reviews", _elsewhere, "unclaimed"),
        ("Service default/sleep", _renamed, "unclaimed"),
    ],
)
def test_what_istiod_did_not_make_so_is_told(ref: str, change: object, kind: str) -> None:
    mesh = against_istiod.opened(str(BOOKINFO))
    result = against_istiod.held(recorded.rewritten(mesh, ref, change))  # type: ignore[arg-type]  # of a parametrised test
    assert result.unlike
    if kind == "unclaimed":
        assert result.unclaimed
    else:
        assert result.share(kind) < 100
