from __future__ import annotations

import pytest

from meshscope.effect.configuration import Configuration
from meshscope.effect.policies.selection import GATEWAY_NAME, selection
from meshscope.istio.labels import Labels
from meshscope.istio.objects.authorization_policy import AuthorizationPolicySpec
from meshscope.istio.objects.selectors import PolicySelector, PolicyTargetReference

from . import small_mesh
from .small_mesh import Json, http_chain, inbound, policy

GATEWAY = PolicyTargetReference(group="gateway.networking.k8s.io", kind="Gateway", name="front")
SERVICE = PolicyTargetReference(kind="Service", name="web")
CLASSIC = PolicyTargetReference(group="networking.istio.io", kind="Gateway", name="front")
OF_FRONT = {GATEWAY_NAME: "front"}


def selected(  # noqa: PLR0913  # what decides
    spec: AuthorizationPolicySpec,
    namespace: str = "shop",
    *,
    labels: dict[str, str] | None = None,
    kind: str = "sidecar",
    version: str = "1.31.0",
    config: Json = None,
) -> tuple[bool | None, str]:
    proxy = small_mesh.proxy(inbound(http_chain()), labels=labels, kind=kind, version=version)
    configuration = Configuration(small_mesh.mesh(proxy, policy("AuthorizationPolicy", {}), config=config))
    (client,) = configuration.clients
    found = selection(configuration, namespace, spec, client)
    return found.is_selected, found.because


def by_labels(**labels: str) -> AuthorizationPolicySpec:
    return AuthorizationPolicySpec(selector=PolicySelector(Labels.of(labels)))


def by_refs(*refs: PolicyTargetReference) -> AuthorizationPolicySpec:
    return AuthorizationPolicySpec(target_refs=refs)


def test_a_selector_is_a_subset_of_the_labels() -> None:
    assert selected(by_labels(app="web"), labels={"app": "web", "version": "v1"}) == (True, "")
    assert selected(by_labels()) == (True, "")
    found = selected(by_labels(app="web", version="v1", tier="a"), labels={"app": "web", "version": "v2"})
    assert found == (False, "its selector asks for tier=a, version=v1, which the proxy does not have")


def test_a_label_with_an_empty_value_has_to_be_there() -> None:
    assert selected(by_labels(old=""), labels={"app": "web"})[0] is False
    assert selected(by_labels(old=""), labels={"old": ""})[0] is True


def test_the_namespace_is_the_proxys_or_the_root_namespace() -> None:
    assert selected(by_labels(), "istio-system") == (True, "")
    assert selected(by_labels(), "other") == (False, "it is for workloads of namespace other")
    assert selected(by_labels(), "mesh", config={"rootNamespace": "mesh"}) == (True, "")
    assert selected(by_labels(), "istio-system", config={"rootNamespace": "mesh"})[0] is False


@pytest.mark.parametrize(
    ("ref", "labels", "kind", "is_selected"),
    [
        (GATEWAY, OF_FRONT, "router", True),
        (GATEWAY, {GATEWAY_NAME: "back"}, "router", False),
        (SERVICE, OF_FRONT, "router", False),
        (GATEWAY, {"app": "web"}, "sidecar", False),
        (GATEWAY, {"istio": "ingressgateway"}, "router", False),
        (CLASSIC, {"istio": "ingressgateway"}, "router", False),
    ],
)
def test_what_a_policy_is_attached_to(
    ref: PolicyTargetReference, labels: dict[str, str], kind: str, is_selected: bool
) -> None:
    found, because = selected(by_refs(ref), labels=labels, kind=kind)
    assert (found, bool(because)) == (is_selected, not is_selected)


def test_a_reference_works_in_the_namespace_of_the_gateway_alone() -> None:
    assert selected(by_refs(GATEWAY), "istio-system", labels=OF_FRONT, kind="router")[0] is False
    elsewhere = PolicyTargetReference(group=GATEWAY.group, kind="Gateway", name="front", namespace="other")
    assert selected(by_refs(elsewhere), labels=OF_FRONT, kind="router")[0] is False


def test_an_old_control_plane_does_not_know_references() -> None:
    assert selected(by_refs(GATEWAY), version="1.21.0") == (True, "")
    assert selected(AuthorizationPolicySpec(target_ref=GATEWAY), version="1.21.0")[0] is False
    assert selected(AuthorizationPolicySpec(target_ref=GATEWAY), version="1.19.0")[0] is True


def test_an_attachment_that_is_newer_than_what_is_modelled_is_unknown() -> None:
    assert selected(by_refs(CLASSIC), kind="router", version="1.32.0") == (
        None,
        "policies attached to Gateway front are not modelled",
    )
