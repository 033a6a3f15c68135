from __future__ import annotations

import pytest
from msgspec import Raw
from msgspec.structs import replace

from meshscope.effect.answer import State, together
from meshscope.effect.clients import clients as clients_of
from meshscope.effect.configuration import Configuration
from meshscope.effect.effects import effects
from meshscope.mesh.mesh import Mesh
from meshscope.snapshot.reading import open_snapshot

from ..mesh.meshes import captured, clusters, dump, manifest, mesh_of, static
from ..recordings import BOOKINFO, BOOKINFO_V2, WEBSITE
from . import recorded
from .recorded import Json

KNOWN = {
    "gateways": {
        ("VirtualService default/api", "http[4]"): "delegate shop/not-there does not exist",
        ("Gateway default/public", "servers[4]"): "no VirtualService serves other.example.com here",
        (
            "VirtualService default/partner",
            "http[0]",
        ): "DestinationRule default/egress has subset partner, and is not a rule",
        (
            "VirtualService default/partner2",
            "http[0]",
        ): "DestinationRule default/egress has subset partner2, and is not a rule",
    },
    "services": {
        ("DestinationRule default/app", "subsets[2]"): "no pod of app.default.svc.cluster.local has version=v9",
        (
            "EnvoyFilter default/matches-nothing",
            "configPatches[0]",
        ): "its workloadSelector asks for app=nobody-has-this",
        ("EnvoyFilter default/tag-responses", "configPatches[0]"): "its workloadSelector asks for app=app",
        ("EnvoyFilter default/tag-responses", "configPatches[1]"): "its workloadSelector asks for app=app",
        ("VirtualService default/app", "http[3]"): "http[2] before it takes every request",
        ("VirtualService default/app", "http[4]"): "http[2] before it takes every request",
        ("VirtualService team-b/only-here", "http[0]"): "it is exported to .",
        ("Telemetry team-b/quiet", "accessLogging[0]"): "the log to /dev/stdout of the mesh's accessLogFile stays",
    },
}
"""What the authors of these meshes wrote that is in effect on no proxy, or not on every one, and why."""


@pytest.mark.parametrize("recording", [BOOKINFO, WEBSITE], ids=["bookinfo", "website"])
def test_every_rule_of_a_healthy_mesh_is_in_effect(recording: object) -> None:
    for name, found in recorded.judged(Mesh(open_snapshot(str(recording)))).items():
        assert {one.state for one in found} == {State.IN_EFFECT}, (name, found)


@pytest.mark.parametrize("recording", ["gateways", "services"])
def test_what_is_not_in_effect_in_the_other_meshes_is_what_their_authors_know_of(recording: str) -> None:
    known = KNOWN[recording]
    found = [one for some in recorded.recorded(recording).values() for one in some if one.state is not State.IN_EFFECT]
    assert {(one.object, one.rule) for one in found} == set(known)
    for one in found:
        assert known[one.object, one.rule] in one.because


def test_each_answer_leads_to_the_line_that_was_written_and_to_what_it_made() -> None:
    for one in recorded.recorded("gateways")["VirtualService default/api"]:
        assert one.location is not None
        assert one.location.place().line
        assert (one.made is not None) == (one.state is State.IN_EFFECT)


def test_an_object_that_istiod_does_not_have_is_in_effect_nowhere() -> None:
    mesh = recorded.mesh("gateways")
    old = recorded.item(mesh, "VirtualService default/www")
    new = mesh.overlay([replace(old, name="www2")])
    (found,) = recorded.of(new, "VirtualService default/www2")
    assert found.state is State.NOT_IN_EFFECT
    assert "/debug/configz lists no VirtualService default/www2" in found.because


def test_a_kind_without_rules_here_is_unknown_by_name() -> None:
    mesh = recorded.mesh("services")
    item = next(item for item in mesh.objects if item.kind == "Service")
    (found,) = effects(Configuration(mesh), item, ())
    assert (found.state, found.because) == (State.UNKNOWN, "effects of Service are not modelled")


def test_without_a_proxy_nothing_is_known() -> None:
    mesh = recorded.mesh("services")
    for one in effects(Configuration(mesh), recorded.item(mesh, "VirtualService default/app"), ()):
        assert (one.proxy, one.state) == (None, State.UNKNOWN)


def test_a_proxy_that_is_asked_for_answers_where_a_rule_is_not_for_it() -> None:
    (found,) = recorded.of(recorded.mesh("gateways"), "VirtualService default/www", "cart-v1")
    assert (found.proxy or "").startswith("cart-v1")
    assert (found.state, found.because) == (State.NOT_IN_EFFECT, "it is for the Gateways default/public alone")


def test_objects_are_summed_up_by_their_worst_rule() -> None:
    whole = together(recorded.recorded("gateways")["VirtualService default/api"])
    assert (whole.state, whole.in_effect, whole.not_in_effect) == (State.NOT_IN_EFFECT, 5, 1)
    assert whole.because == "http[4]: delegate shop/not-there does not exist"


def test_a_field_that_an_old_control_plane_does_not_know_is_not_in_its_proxies() -> None:
    found = recorded.judged(Mesh(open_snapshot(str(BOOKINFO_V2))))
    lacking = {one.because for some in found.values() for one in some if one.state is not State.IN_EFFECT}
    field = "spec.trafficPolicy.outlierDetection.consecutive5xxErrors"
    difference = "outlier_detection.consecutive_5xx is absent, 5 was expected"
    assert lacking == {f"{difference}; istiod has it differently: {field} is absent there, 5 here"}


@pytest.mark.parametrize("kind", ["EnvoyFilter", "ServiceEntry"])
def test_an_object_without_rules_has_one_answer(kind: str) -> None:
    mesh = recorded.without_configz("gateways")
    item = recorded.item(mesh, "ServiceEntry default/partner")
    empty = replace(item, kind=kind, name="empty", body=Raw(b'{"spec": {}}'))
    answers = recorded.of(mesh.overlay([empty]), f"{kind} default/empty")
    assert [(one.rule, one.state) for one in answers] == [("", State.UNKNOWN)]
    assert "it has no rules" in together(answers).because


@pytest.mark.parametrize(
    ("metadata", "state", "because"),
    [
        ({}, State.UNKNOWN, "the labels of the proxy were not captured; without any: its selector asks for istio=edge"),
        ({"LABELS": {"istio": "other"}}, State.NOT_IN_EFFECT, "its selector asks for istio=edge"),
    ],
)
def test_a_proxy_whose_labels_were_not_captured_lacks_none(metadata: Json, state: State, because: str) -> None:
    node = {"id": "router~10.0.0.1~gw.shop~shop.svc.cluster.local", "metadata": metadata}
    bare = {"@type": "type.googleapis.com/envoy.admin.v3.BootstrapConfigDump", "bootstrap": {"node": node}}
    spec = {"selector": {"istio": "edge"}, "servers": [{"hosts": ["*"], "port": {"number": 80, "protocol": "HTTP"}}]}
    gateway = manifest("Gateway", "edge", "networking.istio.io", spec=spec)
    mesh = mesh_of(dump(bare, clusters(static("BlackHoleCluster"))), captured("edge.json", gateway))
    (found,) = recorded.of(mesh, "Gateway shop/edge")
    assert (found.state, found.because[: len(because)]) == (state, because)


@pytest.mark.parametrize(("metadata", "namespace"), [({"NAMESPACE": "a"}, "a"), ({}, "shop")])
def test_a_proxy_is_of_the_namespace_that_istiod_takes(metadata: Json, namespace: str) -> None:
    node = {"id": "router~10.0.0.1~gw.other~shop.svc.cluster.local", "metadata": metadata}
    bare = {"@type": "type.googleapis.com/envoy.admin.v3.BootstrapConfigDump", "bootstrap": {"node": node}}
    assert clients_of(mesh_of(dump(bare)))[0].namespace == namespace
