"""Where people wrote what ends a path, in the mesh of docs/answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from meshscope.location import Document
from meshscope.mesh.mesh import Mesh
from meshscope.simulation.journey.simulator import trace
from meshscope.simulation.request import Request
from meshscope.simulation.trace import Step
from meshscope.simulation.verdict import Truth
from meshscope.snapshot.reading import open_snapshot

SHOP = Path(__file__).parents[3] / "docs" / "answers" / "shop"


QUESTION = Request(source="checkout", dest="http://stock/")


def mesh(old: str = "", new: str = "", more: str = "") -> Mesh:
    """The shop, with some words of its manifests replaced, and more of them."""
    snapshot = open_snapshot(str(SHOP))
    documents = []
    for one in snapshot.captured:
        if one.document.name.endswith("istio.yaml"):
            text = one.document.body.decode()
            assert old in text
            documents.append(replace(one, document=Document.of("istio.yaml", (text.replace(old, new) + more).encode())))
        else:
            documents.append(one)
    return Mesh(replace(snapshot, captured=tuple(documents)))


def deciding(found: Mesh, dest: str) -> Step:
    (path,) = trace(found, Request(source="checkout", dest=dest)).paths
    return next(step for hop in path.hops for step in hop.steps if step.verdict is Truth.NO)


def place(step: Step) -> tuple[str | None, str]:
    return step.owner, str(step.written.place().path) if step.written else ""


@pytest.mark.parametrize(
    ("dest", "owner", "path"),
    [
        ("http://orders/", "AuthorizationPolicy default/orders-allow rules[0]", "[0].spec.rules[0]"),
        ("http://orders/admin/x", "RequestAuthentication default/orders", "[2].spec.jwtRules[0]"),
        ("http://stock/", "PeerAuthentication default/stock-strict", "[3].spec.mtls.mode"),
        ("http://payments/", "DestinationRule default/payments", "[5]"),
        ("http://search/", "DestinationRule default/search", "[9]"),
        ("http://search/next/", "VirtualService default/search", "[8].spec.http[0]"),
        ("http://cart/v3/", "VirtualService default/cart", "[7].spec.http[1]"),
    ],
)
def test_the_object_and_the_field_are_those_that_decide(dest: str, owner: str, path: str) -> None:
    assert place(deciding(mesh(), dest)) == (owner, path)


def test_an_object_that_is_not_in_the_input_has_a_name_and_no_place() -> None:
    found = mesh("name: orders-allow,", "name: orders-others,")
    assert place(deciding(found, "http://orders/")) == ("AuthorizationPolicy default/orders-allow rules[0]", "")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("mode: STRICT", "mode: PERMISSIVE"),
        ("name: stock-strict, namespace: default", "name: stock-strict, namespace: z"),
    ],
)
def test_a_policy_that_does_not_ask_for_mutual_tls_is_not_to_blame(old: str, new: str) -> None:
    assert place(deciding(mesh(old, new), "http://stock/")) == (None, "")


@pytest.mark.parametrize(
    ("old", "new"),
    [("issuer: shop@example.com, jwks", "issuer: other@example.com, jwks"),
     ("name: orders, namespace: default", "name: orders, namespace: z")],
)  # fmt: skip
def test_an_authentication_of_another_issuer_or_workload_is_not_to_blame(old: str, new: str) -> None:
    assert place(deciding(mesh(old, new), "http://orders/admin/x")) == (None, "")


STRICT_MESH = "name: stock-strict, namespace: default}\nspec: {selector: {matchLabels: {app: stock}}, "
CONFIG_MAP = """---
apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: infra}
data: {mesh: 'rootNamespace: infra'}
"""


@pytest.mark.parametrize(
    ("namespace", "config", "owner", "is_assumed"),
    [
        ("istio-system", "", "PeerAuthentication istio-system/stock-strict", True),
        ("infra", "", None, False),
        ("infra", CONFIG_MAP, "PeerAuthentication infra/stock-strict", False),
        ("istio-system", CONFIG_MAP, None, False),
    ],
)
def test_the_root_namespace_is_the_mesh_configurations_else_the_default_which_is_said(
    namespace: str, config: str, owner: str | None, is_assumed: bool
) -> None:
    found = mesh(STRICT_MESH, f"name: stock-strict, namespace: {namespace}}}\nspec: {{", config)
    assert deciding(found, "http://stock/").owner == owner
    assumed = [text for text in trace(found, QUESTION).assumptions if "root namespace" in text]
    assert assumed == (["the root namespace is istio-system (no mesh configuration in this input)"] * is_assumed)


def test_a_path_that_is_well_has_no_such_places() -> None:
    (path,) = trace(mesh(), Request(source="checkout", dest="http://orders/export")).paths
    assert [step.owner for hop in path.hops for step in hop.steps if step.owner]
    assert not any(step.written for hop in path.hops for step in hop.steps)
