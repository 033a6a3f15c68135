from __future__ import annotations

import pytest

from meshscope.envoy.resource import CLUSTER, ENDPOINTS, LISTENER, ROUTES, SCOPED_ROUTES, SECRET
from meshscope.envoy.sections import ARRAYS, LISTENER_STATES, SECTION_KINDS, spelling
from meshscope.path import camel

from .pieces import ADMIN, ADMIN_V2, dump_of, listed, recorded, section


def test_envoys_own_dump_lists_every_resource_of_every_section() -> None:
    dump = dump_of(recorded("sidecar.json"))
    counted = {kind: len(dump.of_kind(kind)) for kind in (LISTENER, CLUSTER, ROUTES, ENDPOINTS, SECRET)}
    assert counted == {LISTENER: 5, CLUSTER: 12, ROUTES: 7, ENDPOINTS: 12, SECRET: 2}
    assert dump.evidence == {LISTENER, CLUSTER, ROUTES, ENDPOINTS, SECRET, SCOPED_ROUTES}
    assert (dump.problems, dump.origin.rewritten, dump.origin.api_v2) == ((), False, False)
    assert dump.node
    assert dump.node.id.startswith("sidecar~")


def test_a_dump_without_endpoints_is_no_evidence_of_endpoints() -> None:
    whole = recorded("sidecar.json")
    whole["configs"] = [part for part in whole["configs"] if "Endpoints" not in part["@type"]]
    dump = dump_of(whole)
    assert ENDPOINTS not in dump.evidence
    assert not dump.of_kind(ENDPOINTS)
    assert dump.of_kind(CLUSTER)


def test_istiods_dump_is_camel_case_and_says_so() -> None:
    dump = dump_of(recorded("sidecar_istiod.json"))
    assert (dump.origin.rewritten, dump.origin.api_v2, dump.node, dump.problems) == (True, False, None, ())
    assert dump.is_control_planes_view
    assert {resource.state for resource in dump.resources} == {"active"}


def test_pilots_dump_of_api_v2_has_flat_listener_arrays() -> None:
    dump = dump_of(recorded("gateway_1.4.json"))
    assert dump.origin.api_v2
    assert [resource.name for resource in dump.of_kind(LISTENER)] == ["0.0.0.0_8080"]
    assert dump.is_control_planes_view


@pytest.mark.parametrize("array", ARRAYS)
@pytest.mark.parametrize("spell", [str, camel])
def test_each_array_of_a_section_gives_its_kind_and_state(array: str, spell: type[str]) -> None:
    kind, state = ARRAYS[array]
    entry: object = {spell(kind): {"name": "a"}}
    if kind == SCOPED_ROUTES:
        entry = {spell("scoped_route_configs"): [{"name": "a"}]}
    dump = dump_of({"configs": [{spell(array): [entry]}]})
    assert listed(dump) == [(kind, "a", state)]
    assert dump.evidence == {kind}


@pytest.mark.parametrize(("message", "kind"), SECTION_KINDS.items())
def test_an_empty_section_is_evidence_that_nothing_is_there(message: str, kind: str) -> None:
    others = section("sidecar.json", "Clusters"), section("sidecar.json", "Bootstrap")
    whole = dump_of({"configs": [*others, {"@type": ADMIN + message}]})
    alone = dump_of({"@type": ADMIN + message})
    assert kind in whole.evidence
    assert alone.evidence == {kind}
    assert (alone.resources, alone.problems) == ((), ())


def test_one_listener_in_several_states_is_several_resources() -> None:
    states = {name: {"version_info": name, "listener": {"name": "a"}} for name in LISTENER_STATES}
    refused = {"details": "bad", "last_update_attempt": "2026-01-01T00:00:00Z", "version_info": "9"}
    entry = {"name": "a", **states, "error_state": {**refused, "failed_configuration": {"name": "a"}}}
    dump = dump_of({"configs": [{"@type": ADMIN + "ListenersConfigDump", "dynamic_listeners": [entry]}]})
    assert listed(dump) == [(LISTENER, "a", state) for state in ("active", "warming", "draining", "error")]
    assert [r.version_info for r in dump.resources][:3] == ["active_state", "warming_state", "draining_state"]
    error = dump.resources[-1].error
    assert error
    assert (error.details, error.version_info) == ("bad", "9")
    assert [resource.in_effect for resource in dump.resources] == [True, False, False, False]


def test_a_nameless_refused_listener_is_listed_as_refused() -> None:
    arrays = {"dynamic_listeners": [{"error_state": {"details": "why"}}, {"name": "b"}]}
    dump = dump_of({"configs": [{"@type": ADMIN + "ListenersConfigDump", **arrays}]})
    assert listed(dump) == [(LISTENER, "", "error")]
    assert dump.resources[0].location.place().path == "configs[0].dynamic_listeners[0].error_state"


def test_a_refused_cluster_keeps_its_active_version_and_the_reason() -> None:
    entry = {"version_info": "1", "cluster": {"name": "a"}, "error_state": {"details": "why"}}
    dump = dump_of({"configs": [{"@type": ADMIN + "ClustersConfigDump", "dynamic_active_clusters": [entry]}]})
    assert listed(dump) == [(CLUSTER, "a", "active")]
    assert dump.resources[0].error
    assert dump.resources[0].error.details == "why"


def test_what_was_requested_and_never_came_is_not_in_effect() -> None:
    entry = {"name": "cert", "client_status": "REQUESTED"}
    dump = dump_of({"configs": [{"@type": ADMIN + "SecretsConfigDump", "dynamic_active_secrets": [entry]}]})
    assert listed(dump) == [(SECRET, "cert", "error")]
    assert dump.resources[0].client_status == "REQUESTED"


def test_draining_listeners_of_api_v2_are_not_in_effect() -> None:
    arrays = {"dynamic_active_listeners": [{"listener": {"name": "a"}}]}
    gone = {"dynamic_draining_listeners": [{"listener": {"name": "b"}}]}
    dump = dump_of({"configs": [{"@type": ADMIN_V2 + "ListenersConfigDump", **arrays, **gone}]})
    assert listed(dump) == [(LISTENER, "a", "active"), (LISTENER, "b", "draining")]


def test_times_and_versions_are_kept() -> None:
    dump = dump_of(recorded("sidecar.json"))
    secret = dump.of_kind(SECRET)[0]
    assert secret.version_info
    assert secret.last_updated.startswith("2026-")


def test_bootstrap_statics_count_only_without_a_section_of_that_kind() -> None:
    bootstrap = section("sidecar.json", "Bootstrap")
    alone = dump_of({"configs": [bootstrap]})
    beside = dump_of({"configs": [bootstrap, {"@type": ADMIN + "ClustersConfigDump"}]})
    names = {resource.name for resource in alone.of_kind(CLUSTER)}
    assert {"xds-grpc", "sds-grpc", "prometheus_stats", "agent"} == names
    assert all(resource.state == "static" for resource in alone.of_kind(CLUSTER))
    assert beside.of_kind(CLUSTER) == ()
    assert CLUSTER in beside.evidence
    assert beside.of_kind(LISTENER)


def test_a_decoder_is_made_once_for_each_spelling() -> None:
    assert spelling(None) is spelling(None)
    assert spelling("camel") is not spelling(None)


@pytest.mark.parametrize("camel_first", [True, False])
def test_sections_in_two_spellings_are_both_read(*, camel_first: bool) -> None:
    snake, camelled = section("sidecar.json", "Clusters"), section("sidecar_istiod.json", "Listeners")
    alone = listed(dump_of({"configs": [snake]})) + listed(dump_of({"configs": [camelled]}))
    found = listed(dump_of({"configs": [camelled, snake] if camel_first else [snake, camelled]}))
    assert sorted(found) == sorted(alone)
    assert {kind for kind, _, _ in found} == {CLUSTER, LISTENER}
