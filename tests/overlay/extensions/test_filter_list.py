"""Where istiod puts filters of plugins, in each combination of the filters that may be there."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import pytest

from meshscope.overlay.extensions.filter_list import arranged

TYPE = "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC"
CUSTOM = {
    "name": "envoy.filters.http.rbac",
    "typed_config": {"@type": TYPE, "shadow_rules_stat_prefix": "istio_ext_authz_"},
}
ASKS = {"name": "envoy.filters.http.ext_authz"}
JWT = {"name": "envoy.filters.http.jwt_authn"}
ALLOW = {"name": "envoy.filters.http.rbac", "typed_config": {"@type": TYPE, "rules": {}}}
REST = [{"name": f"envoy.filters.http.{name}"} for name in ("grpc_stats", "fault", "cors", "router")]
PLUGINS = [(phase, {"name": f"plugin {phase}"}) for phase in ("AUTHN", "AUTHZ", "STATS", "")]
NAMES = [str(one["name"]) for _, one in PLUGINS]


def named(filters: Sequence[Any]) -> list[str]:
    return [str(one["name"]).removeprefix("envoy.filters.http.") for one in filters]


@pytest.mark.parametrize("has", list(itertools.product((False, True), repeat=3)))
def test_a_phase_stands_before_what_it_is_named_after(has: tuple[bool, bool, bool]) -> None:
    custom, tokens, rules = has
    around = [*([CUSTOM, ASKS] if custom else []), *([JWT] if tokens else []), *([ALLOW] if rules else []), *REST]
    found = named(arranged(around, (), PLUGINS, is_old=False))
    wanted = [
        *(["rbac", "ext_authz"] if custom else []), "plugin AUTHN", *(["jwt_authn"] if tokens else []), "plugin AUTHZ",
        *(["rbac"] if rules else []), "plugin STATS", "plugin ", *named(REST),
    ]  # fmt: skip
    assert found == wanted
    again = arranged(arranged(around, (), PLUGINS, is_old=False), NAMES, PLUGINS, is_old=False)
    assert named(again) == wanted
    assert arranged(again, NAMES, (), is_old=False) == around


def test_the_exchange_of_metadata_stood_behind_before_1_16() -> None:
    exchange = {"name": "istio.metadata_exchange"}
    stats = PLUGINS[2:3]
    assert named(arranged([exchange, *REST], (), stats, is_old=True))[0] == "plugin STATS"
    assert named(arranged([exchange, *REST], (), stats, is_old=False))[:2] == [
        "istio.metadata_exchange",
        "plugin STATS",
    ]
