"""Random matcher trees that choose a filter chain, a route, or what RBAC does: a trace walks them as a real Envoy does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from . import connections, routes, trees
from .amounts import configurations
from .judging import compare
from .messages import TLS_INSPECTOR, Json, Message, entry, extension, some
from .real_envoy import RealEnvoy
from .requests import Call
from .scenes import Scene, scenes

pytestmark = pytest.mark.oracle
NAMES = ("first", "second", "nowhere")
_names = st.sampled_from(NAMES).map(lambda name: {
    "name": name, "typed_config": {"@type": "type.googleapis.com/google.protobuf.StringValue", "value": name}})  # fmt: skip
_rbac_actions = st.sampled_from(("ALLOW", "DENY", "LOG")).map(lambda action: {"name": action, "typed_config": {
    "@type": "type.googleapis.com/envoy.config.rbac.v3.Action", "name": action.lower(), "action": action}})  # fmt: skip
_routes = routes.routes(st.just({})).map(lambda route: {"name": "route", "typed_config": {
    "@type": "type.googleapis.com/envoy.config.route.v3.Route", "name": "by tree", **route}})  # fmt: skip


@configurations(30)
@given(st.data(), trees.trees(trees.CONNECTION, _names), connections.calls)
def test_trees_choose_a_filter_chain(envoy: RealEnvoy, data: st.DataObject, tree: Json, calls: list[Call]) -> None:
    log = envoy.access_log()
    chains = [data.draw(connections.chains(log, name)) for name in NAMES[:2]]
    default = data.draw(some(default_filter_chain=connections.chains(log, "default")))
    listener = entry(envoy.port, filter_chains=chains, filter_chain_matcher=tree, access_log=log, **default)
    listener["listener_filters"] = [*listener["listener_filters"], TLS_INSPECTOR]
    compare(envoy, [listener], calls)


def _by_tree(tree: Json) -> Json:
    return {"virtual_hosts": [{"name": "all", "domains": ["*"], "matcher": tree}]}


@configurations(30)
@given(scenes(trees.trees(trees.REQUEST, _routes).map(_by_tree)))
def test_trees_choose_a_route(envoy: RealEnvoy, scene: Scene) -> None:
    scene.play(envoy)


_both = {**trees.CONNECTION, **trees.REQUEST}
_rbac = some(matcher=trees.trees(_both, _rbac_actions), shadow_matcher=trees.trees(_both, _rbac_actions))
_filters: st.SearchStrategy[list[Json]] = _rbac.map(lambda rules: [extension("filters.http.rbac.v3.RBAC", rules)])
_everything: Message = st.just({"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [
    {"name": "0.0", "match": {"prefix": "/"}, "direct_response": {"status": 200}}]}]})  # fmt: skip


@configurations(30)
@given(scenes(_everything, _filters))
def test_trees_say_what_rbac_does(envoy: RealEnvoy, scene: Scene) -> None:
    scene.play(envoy)
