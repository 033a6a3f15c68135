from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from meshscope.simulation.http_filters.models import MODELS, UNLISTED, Extent, key_of, model_of

ROOT = Path(__file__).parents[3]


def test_every_file_in_filters_is_listed_and_can_be_imported() -> None:
    folder = ROOT / "meshscope" / "simulation" / "http_filters" / "filters"
    modules = (file.relative_to(folder).with_suffix("").parts for file in folder.rglob("*.py"))
    files = {".".join(parts) for parts in modules if parts[-1] != "__init__"}
    assert files == {model.module for model in MODELS.values() if model.module}
    for model in MODELS.values():
        assert (model.make is not None) == bool(model.module)
        assert model.module or model.extent is not Extent.EXACTLY


@pytest.mark.parametrize(
    ("type_name", "name", "key"),
    [
        ("envoy.extensions.filters.http.rbac.v3.RBAC", "anything", "rbac"),
        ("envoy.extensions.filters.http.rate_limit.v3.RateLimit", "envoy.rate_limit", "ratelimit"),
        ("envoy.extensions.common.matching.v3.ExtensionWithMatcher", "m", "match_delegate"),
        ("io.istio.http.peer_metadata.Config", "x", "io.istio.http.peer_metadata.Config"),
        ("", "envoy.filters.http.fault", "fault"),
        ("", "istio_authn", "istio_authn"),
    ],
)
def test_the_type_decides_which_filter_it_is_and_without_a_type_the_name(type_name: str, name: str, key: str) -> None:
    assert key_of(type_name, name) == key
    assert key in MODELS


def test_an_unlisted_type_is_unknown_whatever_its_name() -> None:
    assert model_of("acme.Filter", "envoy.filters.http.rbac") is UNLISTED


def test_the_page_about_filters_is_up_to_date() -> None:
    done = subprocess.run([sys.executable, ROOT / "scripts" / "make_modelled.py", "--check"], check=False, cwd=ROOT)
    assert done.returncode == 0, "run scripts/make_modelled.py"
